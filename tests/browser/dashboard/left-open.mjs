// Pages that are open while the control plane dies, and is started again: node left-open.mjs, with PLAN as JSON:
//   base, provider, account   who signs in, and where
//   signs                     a folder in which this script and whoever started it tell each other how far they are:
//                             pages are `open`, the control plane is `gone`, they have `said` so, the stream is `live`
//   tool                      what is called once the stream is live again
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { report } from './steps/report.mjs';
import { settled } from './steps/settled.mjs';
import { signIn } from './steps/sign-in.mjs';
import { until } from './steps/until.mjs';

const PATHS = ['/', '/traces?live=1', '/approvals', '/keys', '/settings/security'];
const SAYS = 'The control plane does not answer';

async function open(context, { base }, path) {
  const page = await context.newPage();
  await page.goto(base + path);
  await settled(page);
  await page.evaluate(() => {
    window.isTheSame = true;
  });
  return page;
}

const liveStatus = page => page.getByRole('status').and(page.getByText('Live', { exact: true }));

await report(async (browser, plan) => {
  const first = await signIn(browser, plan);
  const pages = [];
  for (const path of PATHS) pages.push(await open(first.context(), plan, path));
  const live = pages[PATHS.findIndex(path => path.includes('live'))];
  await liveStatus(live).waitFor();
  const tell = sign => writeFile(join(plan.signs, sign), '');
  const isTold = sign => access(join(plan.signs, sign)).then(() => true, () => false);

  await tell('open');
  await until('the control plane is gone', () => isTold('gone'));
  await live.getByText('The stream broke off').waitFor();
  const said = await Promise.all(pages.map(page => page.getByText(SAYS).first().innerText()));
  await tell('said');

  for (const page of pages) await page.waitForFunction(text => !document.body.innerText.includes(text), SAYS);
  await liveStatus(live).waitFor();
  await tell('live');
  await live.getByRole('region', { name: 'Live traces' }).getByRole('link', { name: plan.tool }).first().waitFor();
  for (const page of pages) await settled(page);
  const same = await Promise.all(pages.map(page => page.evaluate(() => window.isTheSame === true)));
  return { pages: PATHS, said, same, shown: await Promise.all(pages.map(page => page.locator('main').innerText())) };
});
