// A server of the older revisions, with sessions, on the official SDK v1, at http://127.0.0.1:$PORT/mcp. Its tools ask
// the client for something while they run, on the stream of the call. The SDK counts its own requests from 0 in every
// session, so two of these servers ask under the same ids. GET /sessions tells how many sessions are and were open.
//   NAME     who it says it is
//   SLOW_MS  how long it takes to list its tools
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { buildServer } from './asking/server.mjs';

const { NAME: name = 'asking', PORT: port = '3104', SLOW_MS: slowMs = '0' } = process.env;
const transports = new Map();
let opened = 0;

const say = message => console.error(`${new Date().toISOString()} ${name}: ${message}`);

/** A session with a server of its own; it counts from the answer to `initialize` until it is closed. */
async function openSession() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: id => {
      transports.set(id, transport);
      opened += 1;
      say(`session ${id} opened`);
    },
    onsessionclosed: id => say(`session ${id} closed`),
  });
  transport.onclose = () => transports.delete(transport.sessionId);
  await buildServer(name).connect(transport);
  listSlowly(transport);
  return transport;
}

/** Holds back what asks for the tools, once it was received, so the client has the head of its answer and waits. */
function listSlowly(transport) {
  const { onmessage } = transport;
  transport.onmessage = async (message, extra) => {
    if (message.method === 'tools/list') await sleep(Number(slowMs));
    onmessage(message, extra);
  };
}

async function serve(request, response) {
  const id = request.get('mcp-session-id');
  if (id && !transports.has(id)) return refuse(response, 404, -32001, 'Session not found');
  if (!id && !isInitializeRequest(request.body)) return refuse(response, 400, -32000, 'Session ID required');
  const transport = transports.get(id) ?? (await openSession());
  await transport.handleRequest(request, response, request.body);
}

const refuse = (response, status, code, message) =>
  void response.status(status).json({ jsonrpc: '2.0', id: null, error: { code, message } });

const app = createMcpExpressApp();
app.all('/mcp', serve);
app.get('/sessions', (_, response) => void response.json({ open: transports.size, opened }));
const listener = app.listen(Number(port), '127.0.0.1', error => {
  if (error) throw error;
  console.log(`${name} listening on http://127.0.0.1:${listener.address().port}/mcp`);
});
listener.keepAliveTimeout = 75_000; // longer than a gateway keeps its idle connections
