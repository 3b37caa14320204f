// Somebody of each role sees what they may, and nothing else: node allowed.mjs, with PLAN as JSON:
//   base, provider   where they sign in
//   people           [{ role, account }]
// What they may is what `/v1/auth/me` says, and nothing that is written down here. Prints by the role { wrong, pages,
// offered }: what did not fit, how many pages were looked at, and how many actions were offered on them.
import { inTurns } from './steps/in-turns.mjs';
import { pathsFor, SIGNED_IN } from './steps/pages.mjs';
import { may, routes, sections } from './steps/permissions.mjs';
import { report } from './steps/report.mjs';
import { read } from './steps/rest.mjs';
import { settled } from './steps/settled.mjs';
import { signIn } from './steps/sign-in.mjs';

const AT_ONCE = 2;

/** What is done on a page beside looking, and the permission that it takes. */
const ACTIONS = [
  { on: '/traces', role: 'link', name: 'Download as CSV', needs: 'traces:export' },
  { on: '/costs', role: 'link', name: 'Download what was charged as CSV', needs: 'costs:export' },
  { on: '/budgets', role: 'button', name: 'New budget', needs: 'budgets:admin' },
  { on: '/alerts?tab=rules', role: 'link', name: 'New rule', needs: 'alerts:admin' },
  { on: '/alerts?tab=channels', role: 'button', name: 'New channel', needs: 'alerts:admin' },
  { on: '/alerts?tab=silences', role: 'button', name: 'New silence', needs: 'alerts:ack' },
  { on: '/servers', role: 'link', name: 'Register a server', needs: 'servers:admin' },
  { on: '/keys', role: 'link', name: 'New key', needs: 'keys:create' },
  { on: '/team', role: 'link', name: 'Invite', needs: 'users:admin' },
  { on: '/approvals', role: 'button', name: 'Ask beforehand', needs: 'approvals:request' },
  { on: '/safety', role: 'link', name: 'New policy', needs: 'policies:admin' },
  { on: '/audit', role: 'button', name: 'Export', needs: 'audit:export' },
  { on: '/settings/limits', role: 'link', name: 'New limit', needs: 'policies:admin' },
  { on: '/settings/sso', role: 'link', name: 'New provider', needs: '*' },
  { on: '/settings/exporters', role: 'link', name: 'New exporter', needs: 'settings:admin' },
  { on: '/settings/webhooks', role: 'link', name: 'New webhook', needs: 'settings:admin' },
  { on: '/settings/jobs', role: 'button', name: 'Start a job', needs: 'settings:admin' },
  { on: '/settings/backup', role: 'button', name: 'Start a backup', needs: 'settings:admin' },
];

/** Where something can be done, and of every other page some path. */
async function placesFor(page) {
  const places = new Set(ACTIONS.map(({ on }) => on));
  const pathnameOf = path => new URL(path, page.url()).pathname;
  const seen = new Set([...places].map(pathnameOf));
  for (const { path } of await pathsFor(page, SIGNED_IN)) {
    if (!seen.has(pathnameOf(path))) places.add(path);
    seen.add(pathnameOf(path));
  }
  return [...places];
}

/** Which permissions a page says that it needs, what the API refused it, and which actions it offers. */
async function look(context, base, path) {
  const page = await context.newPage();
  const refused = [];
  page.on('response', response => {
    if (response.status() === 403) refused.push(`${response.request().method()} ${new URL(response.url()).pathname}`);
  });
  await page.goto(base + path);
  await settled(page);
  const needs = await page.getByText('It needs the permission').locator('code').allInnerTexts();
  const offered = [];
  for (const action of ACTIONS.filter(({ on }) => on === path)) {
    if ((await page.getByRole(action.role, { name: action.name, exact: true }).count()) > 0) offered.push(action.name);
  }
  // Who may not see the overview is led to a page that they may.
  const { pathname } = new URL(page.url());
  await page.close();
  return { path, pathname, needs, refused, offered };
}

/** What must be held to see anything of a page of the navigation or of the settings; any of them is enough. */
async function neededFor() {
  const needs = new Map((await routes()).map(({ path, permission }) => [path, [permission]]));
  for (const { path, permissions } of await sections()) needs.set(path, permissions);
  return needs;
}

function wrongWith({ path, pathname, needs, refused, offered }, grants, needed) {
  const wrong = [];
  for (const permission of needs.filter(permission => may(grants, permission)))
    wrong.push(`${path} is not shown for want of ${permission}, which is held`);
  // Whatever was refused is said to be, and what cannot be had is not asked for.
  if (refused.length > 0 && needs.length === 0) wrong.push(`${path} asked in vain: ${refused.join(', ')}`);
  const permissions = needed.get(pathname) ?? [];
  const isShown = !permissions.some(permission => needs.includes(permission));
  const isAllowed = permissions.length === 0 || permissions.some(permission => may(grants, permission));
  if (isShown !== isAllowed) wrong.push(`${path} is ${isShown ? '' : 'not '}shown`);
  for (const { name, needs } of ACTIONS.filter(({ on }) => on === path)) {
    const isOffered = offered.includes(name);
    if (isOffered !== (isAllowed && may(grants, needs))) wrong.push(`${path}: ${name} is ${isOffered ? '' : 'not '}offered`);
  }
  return wrong;
}

async function wrongNavigation(page, grants) {
  const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
  const shown = await links.evaluateAll(links => links.map(link => new URL(link.href).pathname));
  const expected = (await routes()).filter(({ permission }) => may(grants, permission)).map(({ path }) => path);
  return shown.join() === expected.join() ? [] : [`the navigation has ${shown.join()} and not ${expected.join()}`];
}

async function seenBy(browser, { base, provider }, { account }) {
  const page = await signIn(browser, { base, provider, account });
  await settled(page);
  const { permissions: grants } = await read(page, '/v1/auth/me');
  const needed = await neededFor();
  const wrong = await wrongNavigation(page, grants);
  const pages = await inTurns(await placesFor(page), AT_ONCE, path => look(page.context(), base, path));
  for (const seen of pages) wrong.push(...wrongWith(seen, grants, needed));
  await page.context().close();
  return { wrong, pages: pages.length, offered: pages.reduce((sum, { offered }) => sum + offered.length, 0) };
}

await report(async (browser, plan) => {
  const seen = {};
  for (const person of plan.people) seen[person.role] = await seenBy(browser, plan, person);
  return seen;
});
