// What the clients in JavaScript have in common: a connected client does what PLAN says, or else lists and calls, and
// one JSON line says what came back. Any surprise is an exception, so the exit status is not zero.
import assert from 'node:assert/strict';
import { listAndCall } from './list-and-call.mjs';
import { perform } from './plan.mjs';

/** `heard` is what the client was asked; `asked` the era that was asked of it. */
export async function tell(client, { name, asked, plan, version, server, heard }) {
  const era = version >= '2026-07-28' ? 'modern' : 'legacy';
  assert.ok(asked === 'auto' || era === asked, `asked for ${asked}, spoke ${era}`);
  if (plan) return { ...(await perform(client, plan)), ...heard, version };
  return { client: name, era, server, ...(await listAndCall(client)) };
}

/** Prints what `work` comes to: its value, or in one line what went wrong. */
export async function report(name, url, work) {
  try {
    assert.ok(url, 'give the URL of an MCP endpoint');
    console.log(JSON.stringify(await work()));
  } catch (error) {
    console.error(`${name} at ${url}: ${reason(error)}`);
    process.exit(1); // a stream that is still open would keep the process
  }
}

/** The error and what caused it, with the status or code that its message leaves out. */
function reason({ message, code, status, cause }) {
  const number = [code, status].find(Number.isInteger);
  const untold = number && !message.includes(number) ? ` (${number})` : '';
  return `${message}${untold}${cause?.message ? `: ${reason(cause)}` : ''}`;
}
