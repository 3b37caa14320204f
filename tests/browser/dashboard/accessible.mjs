// Every page, light and dark, as axe sees it: node accessible.mjs, with PLAN as JSON:
//   base, provider, account   who signs in, and where
// Prints { pages, left, faults }: how many were looked at in either of the two, which pages of the dashboard are not
// among them, and by the page what is wrong with it.
import { readdir } from 'node:fs/promises';
import { barriersOn } from '../../../dashboard/e2e/barriers.mjs';
import { inTurns } from './steps/in-turns.mjs';
import { PAGES, pathsFor } from './steps/pages.mjs';
import { report } from './steps/report.mjs';
import { settled } from './steps/settled.mjs';
import { PATIENCE, signIn, WINDOW } from './steps/sign-in.mjs';

const APP = new URL('../../../dashboard/app/', import.meta.url);
const AT_ONCE = 2;
/** What a page says that did not get what it is about. */
const LOST = /could not be loaded|cannot be found|You may not see this/;

/** The paths of all pages, as the folders of the dashboard have them. */
async function built() {
  const files = await readdir(APP, { recursive: true });
  const pages = files.filter(file => /(^|\/)page\.tsx$/.test(file));
  return pages.map(file => `/${file.replace(/\/?page\.tsx$/, '').replace(/^\(console\)\/?/, '')}`);
}

async function look(context, { base }, { name, path }) {
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', error => faults.push(error.message));
  page.on('console', message => {
    const isRefusal = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isRefusal) faults.push(message.text());
  });
  try {
    await page.goto(base + path);
    await settled(page);
    faults.push(...(await barriersOn(page)));
    const lost = LOST.exec(await page.locator('body').innerText());
    if (lost && !PAGES[name].mayFail) faults.push(`it says “${lost[0]}”`);
  } catch (error) {
    faults.push(error.message);
  }
  await page.close();
  return faults;
}

/** By the page, if anything is wrong with it. */
async function lookAtAll(browser, plan, paths, options) {
  const context = await browser.newContext({ ...WINDOW, ...options });
  context.setDefaultTimeout(PATIENCE);
  const faults = await inTurns(paths, AT_ONCE, where => look(context, plan, where));
  await context.close();
  const entries = paths.map(({ name }, at) => [`${name}, ${options.colorScheme}`, faults[at]]);
  return entries.filter(([, faults]) => faults.length > 0);
}

await report(async (browser, plan) => {
  const page = await signIn(browser, plan);
  const paths = await pathsFor(page, Object.keys(PAGES));
  const storageState = await page.context().storageState();
  const faults = [];
  for (const colorScheme of ['light', 'dark']) {
    const outside = paths.filter(({ name }) => PAGES[name].signedOut);
    const inside = paths.filter(({ name }) => !PAGES[name].signedOut);
    faults.push(...(await lookAtAll(browser, plan, outside, { colorScheme })));
    faults.push(...(await lookAtAll(browser, plan, inside, { colorScheme, storageState })));
  }
  const seen = new Set(paths.map(({ path }) => new URL(path, plan.base).pathname));
  const left = (await built()).filter(path => !seen.has(path));
  return { pages: paths.length, left, faults: Object.fromEntries(faults) };
});
