// A real OpenID provider for tests and demos, on http://127.0.0.1:$PORT: people sign in at it, MCP clients register
// and get tokens, and tests have it say what must be refused. What it can be told is in settings.mjs and admin.mjs; a
// second one is a foreign issuer.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Accounts } from './accounts.mjs';
import { administer } from './admin.mjs';
import { Keys } from './keys.mjs';
import { buildProvider } from './provider.mjs';
import { readSettings } from './settings.mjs';
import { SignIn } from './sign-in.mjs';
import { createStore } from './store.mjs';
import { Tampering } from './tampering.mjs';

const settings = readSettings();
const accounts = new Accounts(settings.accounts);
const keys = new Keys();
const tampering = new Tampering(keys);
const signIn = new SignIn({ accounts, settings });
const store = createStore();
const cookieKey = randomBytes(32).toString('base64url');
let provider;
let callback;

/** oidc-provider takes its keys once, so a rotation is a new one that remembers all that the old one knew. */
async function rotateKeys({ keep = true } = {}) {
  await keys.rotate({ keep });
  provider = buildProvider({ settings, accounts, keys, store, cookieKey, middleware: tampering.middleware });
  callback = provider.callback();
}

const acts = {
  '/_admin/accounts': account => accounts.put(account),
  '/_admin/clients': client => new store('Client').upsert(client.client_id, client),
  '/_admin/claims': changes => tampering.prepare(changes),
  '/_admin/rotate-keys': rotateKeys,
};

async function handle(request, response) {
  const { pathname } = new URL(request.url, settings.issuer);
  if (pathname.startsWith('/_admin/')) return administer(pathname, request, response, acts);
  if (pathname.startsWith('/interaction/')) return signIn.handle(provider, request, response);
  return callback(request, response);
}

await rotateKeys();
const server = createServer((request, response) => {
  handle(request, response).catch(error => {
    console.error(error.message);
    response.writeHead(400, { 'content-type': 'text/plain' }).end(error.message);
  });
});
server.listen(settings.port, '127.0.0.1', () => console.log(`${settings.issuer} listens`));
