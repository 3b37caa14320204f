// Somebody comes to the dashboard, through the provider as everybody does.
import { Person } from '../../person.mjs';

export const WINDOW = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' };
/** Nothing takes longer on a machine of two cores that does other things as well. */
export const PATIENCE = 60_000;

/** The page that they wanted, for who has `account` there; in a browser of their own. */
export async function signIn(browser, { base, provider, account }, path = '/', options = {}) {
  const person = await Person.at(browser, { ...WINDOW, ...options });
  person.context.setDefaultTimeout(PATIENCE);
  await person.chooseProvider(`${base}/login?redirect=${encodeURIComponent(path)}`, provider);
  await person.signIn(account);
  const { page } = person;
  if (new URL(page.url()).pathname === '/login') throw new Error(`${account}: ${(await person.sees()).alert}`);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  return page;
}

/** A page of a browser in which nobody is signed in. */
export async function strangersPage(browser, options = {}) {
  const context = await browser.newContext({ ...WINDOW, ...options });
  context.setDefaultTimeout(PATIENCE);
  return context.newPage();
}
