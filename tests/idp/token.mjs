// One access token for a resource, as an MCP client without an SDK gets it: registers, signs in, exchanges the code.
//   ISSUER, ACCOUNT, RESOURCE, SCOPE
// Prints what the token endpoint said.
import { createHash, randomBytes } from 'node:crypto';
import { visit } from './visit.mjs';

const { ISSUER: issuer, ACCOUNT: account, RESOURCE: resource, SCOPE: scope = 'mcp:read mcp:call' } = process.env;
const redirect_uri = 'http://127.0.0.1/callback'; // nobody listens: the code is read off the redirect

async function json(url, init) {
  const response = await fetch(url, init);
  const body = await response.json();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${JSON.stringify(body)}`);
  return body;
}

const metadata = await json(`${issuer}/.well-known/openid-configuration`);
const { client_id } = await json(metadata.registration_endpoint, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    application_type: 'native', redirect_uris: [redirect_uri], token_endpoint_auth_method: 'none',
  }),
});
const code_verifier = randomBytes(32).toString('base64url');
const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
const asked = {
  client_id, redirect_uri, resource, scope, code_challenge, code_challenge_method: 'S256', response_type: 'code',
};
const back = await visit(`${metadata.authorization_endpoint}?${new URLSearchParams(asked)}`, { account });
const code = back.searchParams.get('code');
if (!code) throw new Error(`no code: ${back.search}`);
const exchanged = { grant_type: 'authorization_code', client_id, code, code_verifier, redirect_uri, resource };
const issued = await json(metadata.token_endpoint, { method: 'POST', body: new URLSearchParams(exchanged) });
console.log(JSON.stringify(issued));
