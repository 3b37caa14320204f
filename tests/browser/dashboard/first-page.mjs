// What a browser that was never here loads for the first page: node first-page.mjs, with PLAN as JSON:
//   base, provider, account   who signs in, and where
// Prints { scripts, bytes }: how many there are, and what they come to as they are sent, by gzip.
import { gzipSync } from 'node:zlib';
import { report } from './steps/report.mjs';
import { settled } from './steps/settled.mjs';
import { PATIENCE, signIn, WINDOW } from './steps/sign-in.mjs';

await report(async (browser, plan) => {
  const storageState = await (await signIn(browser, plan)).context().storageState();
  const context = await browser.newContext({ ...WINDOW, storageState });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const scripts = [];
  page.on('response', response => {
    if (response.request().resourceType() === 'script') scripts.push(response.body());
  });
  await page.goto(plan.base);
  await settled(page);
  const sizes = (await Promise.all(scripts)).map(body => gzipSync(body).length);
  return { scripts: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
});
