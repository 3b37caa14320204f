// The provider itself: what it supports is what the gateway and MCP clients ask of one.
import { Provider, interactionPolicy } from 'oidc-provider';

/** Of every resource: the endpoints of a gateway. */
const RESOURCE_SCOPES = 'mcp:read mcp:call';
const DAY = 86_400;

/** One on these keys; `store` is what its predecessor knew. */
export function buildProvider({ settings, accounts, keys, store, cookieKey, middleware }) {
  const provider = new Provider(settings.issuer, {
    adapter: store,
    clients: settings.clients,
    jwks: { keys: keys.jwks },
    cookies: { keys: [cookieKey] },
    findAccount: accounts.find,
    scopes: ['openid', 'offline_access', 'email', 'profile', 'groups', ...RESOURCE_SCOPES.split(' ')],
    claims: {
      openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture'], groups: ['groups'],
    },
    // Claims are in the ID token itself, as the providers of companies have them.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    clientBasedCORS: () => true,
    clientDefaults: { grant_types: ['authorization_code', 'refresh_token'] },
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    interactions: { policy: withoutConsent(), url: (_, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: grantWhatIsAsked,
    ttl: {
      AccessToken: settings.seconds, IdToken: 300, Interaction: 600, Grant: DAY, RefreshToken: DAY, Session: DAY,
    },
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // A code for one resource is exchanged for a token for that one, asked for again or not (RFC 8707 section 2.2).
        useGrantedResource: () => true,
        getResourceServerInfo: (_, audience) => ({
          audience,
          scope: RESOURCE_SCOPES,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
      rpInitiatedLogout: { enabled: true, logoutSource: askToSignOut, postLogoutSuccessSource: saySignedOut },
    },
    // What it calls is on the loopback here, where its guard against that, the dispatcher, would stop it.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  });
  provider.use(middleware);
  provider.on('backchannel.error', (_, error, { clientId }) =>
    console.error(`${clientId} was not told: ${error.message}`));
  return provider;
}

/** Signing in is asked for, agreeing is not. */
function withoutConsent() {
  const policy = interactionPolicy.base();
  policy.get('consent').checks.remove('native_client_prompt');
  return policy;
}

/** What the client asks for is granted, scope by scope and resource by resource. */
async function grantWhatIsAsked({ oidc }) {
  const { client, provider, session } = oidc;
  const known = session.grantIdFor(client.clientId);
  const grant = (known && (await provider.Grant.find(known))) ||
    new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '));
  for (const resource of Object.keys(oidc.resourceServers)) {
    grant.addResourceScope(resource, [...oidc.requestParamScopes].join(' '));
  }
  await grant.save();
  return grant;
}

function askToSignOut(ctx, form) {
  ctx.body = `<!DOCTYPE html><html lang="en"><title>Sign out</title>
    <h1>Sign out of the test provider?</h1>${form}
    <button type="submit" form="op.logoutForm" value="yes" name="logout">Sign out</button>`;
}

function saySignedOut(ctx) {
  ctx.body = '<!DOCTYPE html><html lang="en"><title>Signed out</title><h1>You are signed out</h1>';
}
