// What every script about the dashboard is around: a browser, PLAN as JSON, and what was seen as one JSON line. Where
// something is off, what stands on the open pages is told as well.
import { openBrowser } from '../../chromium.mjs';

const SHOWN = 1_500; // characters of a page, in what is told of a failure

/** `see` is given the browser and the plan; what it comes to is printed. */
export async function report(see) {
  const plan = JSON.parse(process.env.PLAN);
  const browser = await openBrowser();
  try {
    console.log(JSON.stringify(await see(browser, plan)));
  } catch (error) {
    console.error(error.stack ?? error);
    for (const shown of await Promise.all(pagesOf(browser).map(shownOn))) console.error(shown);
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

const pagesOf = browser => browser.contexts().flatMap(context => context.pages());

async function shownOn(page) {
  const text = await page.locator('body').innerText({ timeout: 5_000 }).catch(error => error.message);
  return `--- ${page.url()}\n${text.slice(0, SHOWN)}`;
}
