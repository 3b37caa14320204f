// Makes a gateway trust a provider, and the provider know the gateway's dashboard; a second time changes nothing but
// what is different now, such as the provider's port.
//   ISSUER, GATEWAYOPS_URL, GATEWAYOPS_API_KEY; CLIENT, as which each organization of a gateway signs its people in
// Prints the provider as the gateway has it, with the secret that they share.
import { randomBytes } from 'node:crypto';

const { ISSUER: issuer, GATEWAYOPS_URL: gateway, GATEWAYOPS_API_KEY: key } = process.env;
const { CLIENT: client_id = 'gatewayops-dashboard' } = process.env;
const NAME = 'Test provider';

async function send(method, url, body, headers = {}) {
  const json = body && JSON.stringify(body);
  const response = await fetch(url, { method, headers: { ...headers, 'content-type': 'application/json' }, body: json });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}

const rest = (method, path, body) => send(method, `${gateway}${path}`, body, { authorization: `Bearer ${key}` });

/** The provider does not outlive its process, so the secret is a new one each time. */
async function join(client_secret) {
  const terms = {
    issuer_url: issuer,
    client_id,
    client_secret,
    scopes: ['openid', 'profile', 'email', 'groups'],
    allowed_domains: ['example.com'],
    default_role: 'developer',
    mcp_tokens: true,
    enabled: true,
  };
  const { providers } = await rest('GET', '/v1/sso/providers?limit=200');
  const known = providers.find(({ name }) => name === NAME);
  if (known) return rest('PATCH', `/v1/sso/providers/${known.id}`, terms);
  return rest('POST', '/v1/sso/providers', { type: 'oidc', name: NAME, ...terms });
}

const client_secret = randomBytes(24).toString('base64url');
const provider = await join(client_secret);
await send('POST', `${issuer}/_admin/clients`, {
  client_id,
  client_secret,
  redirect_uris: [provider.callback_url],
  post_logout_redirect_uris: [`${gateway}/login`],
  backchannel_logout_uri: `${gateway}/v1/sso/backchannel-logout/${provider.id}`,
  backchannel_logout_session_required: true,
});
console.log(JSON.stringify({ ...provider, client_secret }));
