// What one provider is told: PORT, and IDP_CONFIG, which is JSON or the path of a file with it:
//   issuer     its own URL; http://127.0.0.1:$PORT without one
//   password   what every account signs in with
//   accounts   { sub, email, email_verified, name, groups, picture }, by which one signs in with `sub`
//   clients    metadata of clients that need not register, by the names of OpenID Connect Registration
//   seconds    how long an access token is good for
import { readFileSync } from 'node:fs';

const ACCOUNTS = [
  { sub: 'ada', name: 'Ada Admin', groups: ['admins', 'engineers'] },
  { sub: 'ben', name: 'Ben Builder', groups: ['engineers'] },
];

export function readSettings({ PORT = '3110', IDP_CONFIG: given = '{}' } = process.env) {
  const text = given.trimStart().startsWith('{') ? given : readFileSync(given, 'utf8');
  const known = { issuer: `http://127.0.0.1:${PORT}`, password: 'password', accounts: ACCOUNTS, clients: [], seconds: 300 };
  const settings = { ...known, ...JSON.parse(text) };
  const unknown = Object.keys(settings).filter(name => !(name in known));
  if (unknown.length) throw new Error(`IDP_CONFIG has no setting ${unknown.join(', ')}`);
  return { port: Number(PORT), ...settings };
}
