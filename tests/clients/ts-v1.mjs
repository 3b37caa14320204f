// The official TypeScript SDK v1: node ts-v1.mjs URL; key in GATEWAYOPS_API_KEY, what to do perhaps in PLAN.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { run } from './session.mjs';

const SCHEMAS = {
  'elicitation/create': ElicitRequestSchema,
  'roots/list': ListRootsRequestSchema,
  'sampling/createMessage': CreateMessageRequestSchema,
};

const client = new Client({ name: 'ts-v1', version: '1.0.0' });
await run(client, StreamableHTTPClientTransport, process.argv[2], {
  name: 'ts-v1',
  asked: 'legacy',
  answer: (method, handler) => client.setRequestHandler(SCHEMAS[method], handler),
  version: () => client.transport.protocolVersion,
});
