// The official TypeScript SDK v2 as an OAuth client that is given nothing but the URL of an endpoint: node oauth.mjs URL.
// It discovers, registers, signs in as ACCOUNT, and makes CALLS ([[tool, arguments], …], JSON). SCOPE is what the user
// agrees to the first time, if less than was asked for. Prints one JSON line: what was discovered, what was asked for
// at each sign-in, which tokens came of it, and what the tools answered.
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { visit } from '../idp/visit.mjs';
import { report } from './story.mjs';

const { ACCOUNT: account, CALLS: calls = '[]', SCOPE: agreed, ERA: era = 'auto' } = process.env;
const url = process.argv[2];

/** What the SDK asks a host to keep, in memory, and the browser's part without a browser. */
class Host {
  redirectUrl = 'http://127.0.0.1/callback'; // nobody listens: the code is read off the redirect
  clientMetadata = {
    client_name: 'ts-v2-oauth',
    application_type: 'native',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  asked = [];
  issued = [];

  clientInformation = () => this.client;
  saveClientInformation = client => void (this.client = client);
  tokens = () => this.issued.at(-1);
  saveTokens = tokens => void this.issued.push(tokens);
  codeVerifier = () => this.verifier;
  saveCodeVerifier = verifier => void (this.verifier = verifier);
  discoveryState = () => this.discovered;
  saveDiscoveryState = state => void (this.discovered = state);

  async redirectToAuthorization(at) {
    const { scope, resource } = Object.fromEntries(at.searchParams);
    this.asked.push({ scope, resource });
    if (agreed && this.asked.length === 1) at.searchParams.set('scope', agreed);
    this.back = await visit(at, { account });
  }
}

/** `work`, and again after each time that the user had to agree: to all of it, at most twice. */
async function agreeing(host, transport, work) {
  for (let times = 0; ; times++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || !host.back || times === 2) throw error;
      const { searchParams } = host.back;
      host.back = undefined;
      await transport().finishAuth(searchParams);
    }
  }
}

await report('ts-v2-oauth', url, async () => {
  const host = new Host();
  let client, transport;
  await agreeing(host, () => transport, async () => {
    transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: host });
    client = new Client({ name: 'ts-v2-oauth', version: '1.0.0' }, { versionNegotiation: { mode: era } });
    await client.connect(transport);
  });
  const { tools } = await agreeing(host, () => transport, () => client.listTools());
  const called = [];
  for (const [name, args] of JSON.parse(calls)) {
    const result = await agreeing(host, () => transport, () => client.callTool({ name, arguments: args }));
    called.push(result.content[0]?.text ?? null);
  }
  const version = client.getNegotiatedProtocolVersion();
  await client.close();
  return {
    issuer: host.discovered.authorizationServerMetadata?.issuer,
    resource: host.discovered.resourceMetadata?.resource,
    registered: Boolean(host.client?.client_id),
    version,
    asked: host.asked,
    granted: host.issued.map(tokens => tokens.scope),
    token: host.issued.at(-1)?.access_token,
    tools: tools.map(tool => tool.name),
    called,
  };
});
