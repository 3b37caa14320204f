// What the dashboard says that its pages need, and what somebody's grants allow.
import { readFile } from 'node:fs/promises';

const DASHBOARD = new URL('../../../../dashboard/', import.meta.url);
const ROUTE = /path: "([^"]+)",\s+name: "([^"]+)",\s+icon: \w+,\s+permission: "([^"]+)"/g;
const SECTION = /path: "([^"]+)", name: "([^"]+)", permissions: \[([^\]]+)\]/g;

/** The one table of pages, `config/routes.ts`: `[{ path, name, permission }]`. */
export async function routes() {
  const text = await readFile(new URL('config/routes.ts', DASHBOARD), 'utf8');
  const found = [...text.matchAll(ROUTE)].map(([, path, name, permission]) => ({ path, name, permission }));
  return all(found, text.split(' permission: "').length - 1, 'config/routes.ts');
}

/** The list of the settings: any of the permissions is enough. */
export async function sections() {
  const text = await readFile(new URL('features/settings/sections.ts', DASHBOARD), 'utf8');
  const found = [...text.matchAll(SECTION)].map(([, path, name, needs]) =>
    ({ path, name, permissions: JSON.parse(`[${needs}]`) }));
  return all(found, text.split(' permissions: [').length - 1, 'features/settings/sections.ts');
}

/** Nothing is left out because it is written in another way. */
function all(found, count, file) {
  if (found.length === 0 || found.length !== count) throw new Error(`${file}: ${found.length} of ${count} are read`);
  return found;
}

/** Whether there may be rows that they may do it to: all of them, or their own (contract 1.6). */
export function may(grants, permission) {
  return grants.some(grant => implies(grant, permission) || implies(grant, `${permission}:own`));
}

function implies(grant, permission) {
  // Other organizations are beyond everything.
  if (permission.startsWith('platform:admin')) return grant === 'platform:admin';
  if (grant === '*' || grant === permission || `${grant}:own` === permission) return true;
  if (grant.endsWith(':*')) return permission.startsWith(grant.slice(0, -1));
  return grant.endsWith(':admin') && permission.startsWith(grant.slice(0, -'admin'.length));
}
