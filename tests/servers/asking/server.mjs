// What one session of the asking server offers. The note and the tools that were added belong to all sessions: what one
// changes, the others are told of.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SubscribeRequestSchema, UnsubscribeRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod/v4';

const NOTE = 'note://one';
const sessions = new Set(); // { server, watched } of every open one
const added = []; // names of the tools that touch_tools made
let changes = 0;

const text = value => ({ content: [{ type: 'text', text: value }] });

export function buildServer(name) {
  const server = new McpServer({ name, version: '1.0.0' }, { capabilities: { resources: { subscribe: true } } });
  const session = { server, watched: new Set() };
  server.server.oninitialized = () => sessions.add(session);
  server.server.onclose = () => sessions.delete(session);
  addAskingTools(server, name);
  addChangingTools(server);
  addNote(session);
  return server;
}

function tool(server, name, description, handler) {
  server.registerTool(name, { description, inputSchema: {} }, (_, { requestId }) =>
    // Names the call, so that what the tool asks travels on the stream of that call.
    handler({ relatedRequestId: requestId }));
}

function addAskingTools(server, name) {
  const client = server.server;

  tool(server, 'ask_name', 'Asks the user for a name and greets it', async onThisStream => {
    const requestedSchema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
    const form = { mode: 'form', message: `${name} asks for your name`, requestedSchema };
    const { action, content } = await client.elicitInput(form, onThisStream);
    return text(action === 'accept' ? `hello ${content.name}` : `nobody to greet: ${action}`);
  });
  tool(server, 'ask_model', "Asks the client's model for a line", async onThisStream => {
    const messages = [{ role: 'user', content: { type: 'text', text: `${name} asks for a line` } }];
    const { content } = await client.createMessage({ messages, maxTokens: 100 }, onThisStream);
    return text(content.text);
  });
  tool(server, 'ask_roots', 'Asks the client for its roots', async onThisStream => {
    const { roots } = await client.listRoots(undefined, onThisStream);
    return text(roots.map(root => root.uri).join(','));
  });
  tool(server, 'whoami', 'Tells the name of this server', () => text(name));
}

function addChangingTools(server) {
  const addTool = (to, name) => tool(to, name, 'Was added while the server ran', () => text(name));
  for (const name of added) addTool(server, name);

  tool(server, 'touch_tools', 'Adds a tool to this server, of which every session is told', () => {
    const name = `added_${added.length + 1}`;
    added.push(name);
    for (const session of sessions) addTool(session.server, name); // the SDK announces it
    return text(name);
  });
  tool(server, 'change_note', 'Changes the note, of which every session that subscribed is told', async () => {
    changes += 1;
    const watching = [...sessions].filter(({ watched }) => watched.has(NOTE));
    await Promise.all(watching.map(session => session.server.server.sendResourceUpdated({ uri: NOTE })));
    return text(noteText());
  });
}

const noteText = () => `the note after ${changes} changes`;

function addNote({ server, watched }) {
  server.registerResource('one', NOTE, { description: 'A note that can change', mimeType: 'text/plain' },
    ({ href }) => ({ contents: [{ uri: href, mimeType: 'text/plain', text: noteText() }] }));
  server.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    watched.add(params.uri);
    return {};
  });
  server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    watched.delete(params.uri);
    return {};
  });
}
