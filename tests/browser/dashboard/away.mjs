// Every page while the API is away, and once it is back: node away.mjs, with PLAN as JSON:
//   base, provider, account   who signs in, and where
// To a page the API goes away once it knows who is there. Prints { pages, wrong }: how many were looked at, and by the
// page what it did not do: say so, go on by itself, or without being loaded anew.
import { inTurns } from './steps/in-turns.mjs';
import { PAGES, pathsFor, SIGNED_IN } from './steps/pages.mjs';
import { report } from './steps/report.mjs';
import { settled } from './steps/settled.mjs';
import { signIn } from './steps/sign-in.mjs';

const AT_ONCE = 3;
const SAYS = 'The control plane does not answer';

/** Its requests are answered, up to and with the first about who is there, or from when on it is back. */
async function standBefore(page) {
  const api = { isAway: false };
  await page.route('**/v1/**', async route => {
    if (api.isAway) return route.abort('connectionrefused');
    const { pathname } = new URL(route.request().url());
    if (pathname === '/v1/auth/me' && !api.isBack) api.isAway = true;
    return route.continue();
  });
  api.comeBack = () => Object.assign(api, { isAway: false, isBack: true });
  return api;
}

/** Null if all is well. */
async function wrongWith(context, base, { path }) {
  const page = await context.newPage();
  let at = 'say so';
  try {
    const api = await standBefore(page);
    await page.goto(base + path);
    await page.evaluate(() => {
      window.isTheSame = true;
    });
    await page.getByText(SAYS).first().waitFor();
    at = 'go on by itself';
    api.comeBack();
    await page.waitForFunction(text => !document.body.innerText.includes(text), SAYS);
    await settled(page);
    at = 'go on without being loaded anew';
    if (!(await page.evaluate(() => window.isTheSame))) throw new Error('it was');
    return null;
  } catch (error) {
    return `it does not ${at}: ${error.message.split('\n')[0]}`;
  } finally {
    await page.close();
  }
}

await report(async (browser, plan) => {
  const page = await signIn(browser, plan);
  const paths = await pathsFor(page, SIGNED_IN.filter(name => !PAGES[name].mayFail));
  const wrong = await inTurns(paths, AT_ONCE, where => wrongWith(page.context(), plan.base, where));
  const entries = paths.map(({ name }, at) => [name, wrong[at]]).filter(([, wrong]) => wrong);
  return { pages: paths.length, wrong: Object.fromEntries(entries) };
});
