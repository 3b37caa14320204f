// The official TypeScript SDK v1: node ts-v1.mjs URL; key in GATEWAYOPS_API_KEY.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { listAndCall } from './list-and-call.mjs';

const client = new Client({ name: 'ts-v1', version: '1.0.0' });
await listAndCall(client, StreamableHTTPClientTransport, process.argv[2], {
  client: 'ts-v1', asked: 'legacy', spoken: () => 'legacy',
});
