// The MCP server the official conformance suite expects, at http://127.0.0.1:$PORT/mcp. ERA says which clients it serves:
//   dual    2026-07-28, and the older versions with sessions and resumable streams (the default)
//   legacy  the older versions only; a 2026-07-28 request is answered as a server would that never heard of it
//   modern  2026-07-28 only; anything older is refused with -32022
// What it offers is in fixture/, one file per kind.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import { localhostHostValidation, localhostOriginValidation, toWebRequest } from '@modelcontextprotocol/node';
import { buildServer } from './fixture/server.mjs';
import { Sessions } from './fixture/sessions.mjs';

const { ERA: era = 'dual', PORT: port = '3101' } = process.env;
const modern = createMcpHandler(() => buildServer(modern.notify), { legacy: 'reject' });
const sessions = new Sessions(buildServer);

const serve = {
  dual: async request => ((await isLegacyRequest(request)) ? sessions : modern).fetch(request),
  legacy: request => sessions.fetch(request),
  modern: request => modern.fetch(request),
}[era];
if (!serve) throw new Error(`ERA is dual, legacy or modern, not ${era}`);

/** Answers one HTTP request; a client who goes away ends what was being done for it. */
async function answer(incoming, outgoing) {
  const gone = new AbortController();
  outgoing.on('close', () => outgoing.writableFinished || gone.abort());
  const response = await serve(await toWebRequest(incoming, undefined, { signal: gone.signal }));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.flushHeaders(); // a stream may stay silent for long, and its client waits for the head
  if (!response.body) return outgoing.end();
  await pipeline(Readable.fromWeb(response.body), outgoing).catch(error => gone.signal.aborted || fail(outgoing, error));
}

function fail(outgoing, error) {
  const { message, status = 500 } = error; // a status says that the client sent what nobody can read
  if (status === 500) console.error(error);
  if (outgoing.headersSent) return outgoing.destroy();
  const refusal = { jsonrpc: '2.0', id: null, error: { code: status === 500 ? -32603 : -32000, message } };
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
}

const [hostAllowed, originAllowed] = [localhostHostValidation(), localhostOriginValidation()];
const listener = createServer((incoming, outgoing) => {
  if (!hostAllowed(incoming, outgoing) || !originAllowed(incoming, outgoing)) return;
  if (new URL(incoming.url, 'http://localhost').pathname !== '/mcp') return outgoing.writeHead(404).end();
  answer(incoming, outgoing).catch(error => fail(outgoing, error));
});
listener.keepAliveTimeout = 75_000; // longer than a gateway keeps its idle connections
listener.listen(Number(port), '127.0.0.1', () =>
  console.log(`conformance fixture (${era}) listening on http://127.0.0.1:${listener.address().port}/mcp`));

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    listener.close(() => process.exit(0));
    listener.closeAllConnections(); // streams would keep the listener open
  });
}
