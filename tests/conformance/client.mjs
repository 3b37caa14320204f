// node client.mjs URL: the client of one scenario of the official suite; URL is the suite's own server. Which scenario
// it is, and of which version, the suite says in the environment. With GATEWAYOPS_URL (REST), GATEWAYOPS_MCP_URL and
// GATEWAYOPS_API_KEY the gateway is in the middle. What the scenarios do is in client/.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { behindGateway, gatewayOf } from './client/gateway.mjs';
import { FIRST_REQUEST_COUNTS, scenarios } from './client/scenarios.mjs';

const MODERN = '2026-07-28';
const {
  MCP_CONFORMANCE_SCENARIO: name,
  MCP_CONFORMANCE_PROTOCOL_VERSION: version,
  MCP_CONFORMANCE_CONTEXT: context = '{}', // only some scenarios have one
} = process.env;
const server = process.argv.at(-1);
const scenario = scenarios[name];
if (!scenario) throw new Error(`no scenario named ${name}; there are: ${Object.keys(scenarios).join(', ')}`);

/** Insists on the era of the version: falling back to another one would hide what is wrong. */
function newClient({ capabilities = {}, form }) {
  const mode = version === MODERN ? { pin: MODERN } : 'legacy';
  const client = new Client({ name: 'conformance', version: '1.0.0' }, { capabilities, versionNegotiation: { mode } });
  if (form) client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: form }));
  return client;
}

async function run(endpoint, headers) {
  const client = newClient(scenario);
  const transport = new StreamableHTTPClientTransport(new URL(endpoint), { requestInit: { headers } });
  await client.connect(transport);
  await scenario.run(client, JSON.parse(context));
  if (version !== MODERN) await transport.terminateSession();
  await client.close();
}

const gateway = gatewayOf(process.env);
if (gateway) await behindGateway(gateway, server, { unseen: FIRST_REQUEST_COUNTS.has(name) }, run);
else await run(server);
console.log('completed'); // summarize.mjs looks for it
