import { until } from './until.mjs';

/** What the API answers to whoever is signed in on this page. */
export function read(page, path) {
  return page.evaluate(async path => (await fetch(path)).json(), path);
}

/** Every row of a list, whatever the list calls them. */
export async function readAll(page, path) {
  const rows = [];
  for (let cursor = ''; ;) {
    const more = `${path.includes('?') ? '&' : '?'}limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const found = await read(page, path + more);
    if (found.error) throw new Error(`${path}: ${found.error.message}`);
    rows.push(...Object.values(found).find(Array.isArray));
    if (!found.next_cursor) return rows;
    cursor = found.next_cursor;
  }
}

/** Waits until a call is recorded; its trace. */
export function recorded(page, traceId) {
  return until(`trace ${traceId} is recorded`, async () => {
    const trace = await read(page, `/v1/traces/${traceId}`);
    return trace.spans?.length > 0 && trace;
  });
}
