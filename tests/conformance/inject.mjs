// `node --import ./inject.mjs …`: adds the headers in CONFORMANCE_HEADERS (a JSON object) to every request of this
// process. The suite has no option for them, and a gateway wants a key. What a request sets itself stays as it is.
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { getGlobalDispatcher, setGlobalDispatcher } from 'undici';

const extra = Object.entries(JSON.parse(process.env.CONFORMANCE_HEADERS || '{}'));

/** `headers` is an object, or a flat list of names and values; it comes back in the same form. */
function withExtra(headers) {
  const list = Array.isArray(headers);
  const names = list ? headers.filter((_, at) => at % 2 === 0) : Object.keys(headers ?? {});
  const present = new Set(names.map(name => String(name).toLowerCase()));
  const missing = extra.filter(([name]) => !present.has(name.toLowerCase()));
  return list ? [...headers, ...missing.flat()] : { ...headers, ...Object.fromEntries(missing) };
}

if (extra.length > 0) {
  // fetch and undici.request: Node's own fetch looks up the global dispatcher too.
  setGlobalDispatcher(getGlobalDispatcher().compose(dispatch => (options, handler) =>
    dispatch({ ...options, headers: withExtra(options.headers) }, handler)));

  // http.request, which the header scenarios use for its exact casing: (url?, options?, callback?).
  const { request } = http;
  http.request = (...args) => {
    const at = typeof args[0] === 'string' || args[0] instanceof URL ? 1 : 0;
    const options = typeof args[at] === 'object' ? args[at] : undefined;
    args.splice(at, options ? 1 : 0, { ...options, headers: withExtra(options?.headers) });
    return request(...args);
  };
  syncBuiltinESMExports(); // for those who imported { request } by name
}
