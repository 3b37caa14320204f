// A small MCP server for demos and tests. It speaks 2026-07-28 and the older versions at one address,
// http://127.0.0.1:$PORT/mcp, on the official SDK. LEGACY=reject makes it modern-only.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node';
import * as z from 'zod/v4';

const port = Number(process.env.PORT ?? 3102);
const MAX_BYTES = 16 * 1024 * 1024;
let cancelled = 0;

const log = message => console.log(`${new Date().toISOString()} ${message}`);
const text = value => ({ content: [{ type: 'text', text: String(value) }] });
const structured = value => ({ ...text(JSON.stringify(value)), structuredContent: value });
const readOnly = { readOnlyHint: true, openWorldHint: false };

/** Registers `name` with its description, input fields and handler; `more` is any further tool setting. */
function tool(server, name, description, fields, handler, more = {}) {
  server.registerTool(name, { description, inputSchema: z.object(fields), annotations: readOnly, ...more }, handler);
}

/** Counts down, a progress note per step; a caller who goes away stops it (2026-07-28: closing the stream cancels). */
async function countdown({ seconds, interval_ms: interval }, { mcpReq }) {
  const steps = Math.max(1, Math.round((seconds * 1000) / interval));
  const progressToken = mcpReq._meta?.progressToken;
  try {
    for (let step = 1; step <= steps; step++) {
      await sleep(interval, undefined, { signal: mcpReq.signal });
      if (progressToken === undefined) continue;
      const params = { progressToken, progress: step, total: steps, message: `${step} of ${steps}` };
      await mcpReq.notify({ method: 'notifications/progress', params });
    }
  } catch (error) {
    if (!mcpReq.signal.aborted) throw error;
    cancelled += 1;
    log('countdown cancelled');
    throw error;
  }
  return text(`lift-off after ${steps} steps`);
}

function build({ era }) {
  const server = new McpServer(
    { name: 'gatewayops-demo', version: '1.0.0' },
    { instructions: 'Harmless tools to see calls, streams, errors and costs pass through the gateway.' },
  );
  tool(server, 'echo', 'Returns the text it was given', { text: z.string() }, async args => text(args.text));
  tool(server, 'add', 'Adds two numbers', { a: z.number(), b: z.number() },
    async ({ a, b }) => structured({ sum: a + b }), { outputSchema: z.object({ sum: z.number() }) });
  tool(server, 'now', 'Tells the time of the server, in UTC', {}, async () => text(new Date().toISOString()));
  tool(server, 'countdown', 'Counts down for some seconds and reports each step as progress',
    { seconds: z.number().positive().max(600), interval_ms: z.number().int().min(10).default(1000) }, countdown);
  tool(server, 'cancellations', 'Tells how many countdowns their callers left early', {},
    async () => structured({ cancelled }), { outputSchema: z.object({ cancelled: z.number() }) });
  tool(server, 'fail', 'Answers with the error it was given', { message: z.string() },
    async ({ message }) => ({ ...text(message), isError: true }));
  tool(server, 'big', 'Returns a text of that many bytes', { bytes: z.number().int().min(0).max(MAX_BYTES) },
    async ({ bytes }) => text('x'.repeat(bytes)));
  tool(server, 'slow', 'Answers after that many milliseconds', { ms: z.number().int().min(0).max(600_000) },
    async ({ ms }, { mcpReq }) => sleep(ms, text(`slept ${ms} ms`), { signal: mcpReq.signal }));

  server.registerResource('about', 'demo://about', { description: 'What this server is', mimeType: 'text/plain' },
    async uri => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: `GatewayOps demo server, era ${era}` }] }));
  server.registerPrompt('greet', { description: 'Asks for a greeting', argsSchema: z.object({ name: z.string() }) },
    ({ name }) => ({ messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name} in one short line.` } }] }));
  return server;
}

const handler = createMcpHandler(build, {
  legacy: process.env.LEGACY ?? 'stateless',
  maxRequestBodySize: MAX_BYTES,
  onerror: error => log(`refused: ${error.message}`),
});
const mcp = toNodeHandler(handler);
const [hostAllowed, originAllowed] = [localhostHostValidation(), localhostOriginValidation()];

const listener = createServer((request, response) => {
  if (!hostAllowed(request, response) || !originAllowed(request, response)) return;
  if (new URL(request.url, 'http://localhost').pathname === '/mcp') return mcp(request, response);
  response.writeHead(404).end();
});
listener.keepAliveTimeout = 75_000; // longer than a gateway keeps its idle connections
listener.listen(port, '127.0.0.1', () => log(`listening on http://127.0.0.1:${port}/mcp`));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
