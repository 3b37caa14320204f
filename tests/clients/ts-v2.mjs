// The official TypeScript SDK v2: node ts-v2.mjs URL [--era modern|legacy|auto]; key in GATEWAYOPS_API_KEY, what to do
// perhaps in PLAN. It answers questions of a 2026-07-28 server (input_required) with the same handlers.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { parseArgs } from 'node:util';
import { run } from './session.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { era: { type: 'string', default: 'modern' } } });
const mode = { modern: { pin: '2026-07-28' }, legacy: 'legacy', auto: 'auto' }[values.era];
if (!mode) throw new Error(`--era is modern, legacy or auto, not ${values.era}`);

const client = new Client({ name: 'ts-v2', version: '1.0.0' }, { versionNegotiation: { mode } });
await run(client, StreamableHTTPClientTransport, positionals[0], {
  name: `ts-v2-${values.era}`,
  asked: values.era,
  answer: (method, handler) => client.setRequestHandler(method, handler),
  version: () => client.getNegotiatedProtocolVersion(),
});
