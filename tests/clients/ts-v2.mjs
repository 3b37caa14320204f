// The official TypeScript SDK v2: node ts-v2.mjs URL [--era modern|legacy|auto]; key in GATEWAYOPS_API_KEY.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { parseArgs } from 'node:util';
import { listAndCall } from './list-and-call.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { era: { type: 'string', default: 'modern' } } });
const mode = { modern: { pin: '2026-07-28' }, legacy: 'legacy', auto: 'auto' }[values.era];
if (!mode) throw new Error(`--era is modern, legacy or auto, not ${values.era}`);

const client = new Client({ name: 'ts-v2', version: '1.0.0' }, { versionNegotiation: { mode } });
await listAndCall(client, StreamableHTTPClientTransport, positionals[0], {
  client: 'ts-v2', asked: values.era, spoken: () => client.getProtocolEra(),
});
