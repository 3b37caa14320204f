// A server is registered by its address, tried and read; its tool is called by hand; a page that was open all the time
// shows the call as it ends, and then its spans: node registered.mjs, with PLAN as JSON:
//   base, provider, account   who signs in, and where
//   server                    { name, url } of what is registered
//   tool, text                what is called, and with which argument `text`
import { callUntil, resultOn, traceIdOn } from './steps/playground.mjs';
import { report } from './steps/report.mjs';
import { recorded } from './steps/rest.mjs';
import { signIn } from './steps/sign-in.mjs';

/** Through the steps of the wizard; what its test and its discovery found. */
async function register(page, { name, url }) {
  await page.getByRole('link', { name: 'Register a server' }).first().click();
  await atStep(page, 'Address');
  await page.getByLabel('Address', { exact: true }).fill(url);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await next(page);
  await atStep(page, 'Credentials');
  await next(page);
  await atStep(page, 'Test');
  await page.getByText('The server answers').waitFor();
  const trial = await page.getByRole('main').innerText();
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await atStep(page, 'Discovery');
  const found = page.getByRole('row', { name: /^Tools/ });
  await found.waitFor();
  const tools = await found.getByRole('cell').allInnerTexts();
  await next(page);
  await atStep(page, 'Done');
  return { trial, tools };
}

const atStep = (page, name) => page.getByRole('heading', { name, level: 2, exact: true }).waitFor();
const next = page => page.getByRole('button', { name: 'Next', exact: true }).click();

/** A second page of the same browser, which is never loaded again. */
async function watchLive(page, { base }) {
  const live = await page.context().newPage();
  await live.goto(`${base}/traces?live=1`);
  await live.getByRole('status').and(live.getByText('Live', { exact: true })).waitFor();
  await live.evaluate(() => {
    window.isTheSame = true;
  });
  return live;
}

await report(async (browser, plan) => {
  const page = await signIn(browser, plan, '/servers');
  const registered = await register(page, plan.server);
  const live = await watchLive(page, plan);

  await page.getByRole('link', { name: 'Try a tool' }).click();
  await page.getByRole('heading', { name: 'Playground', level: 1 }).waitFor();
  await page.getByLabel('Tool', { exact: true }).selectOption(plan.tool);
  await page.getByRole('textbox', { name: 'text', exact: true }).fill(plan.text);
  await callUntil(page, 'Success');
  const answer = await resultOn(page).getByRole('region', { name: 'Text', exact: true }).innerText();
  const traceId = await traceIdOn(page);

  const row = live.getByRole('region', { name: 'Live traces' }).getByRole('row', { name: /Success/ }).first();
  await row.waitFor();
  const seen = await row.innerText();
  await recorded(page, traceId);
  await row.getByRole('link', { name: plan.tool, exact: true }).click();
  await live.getByRole('heading', { name: plan.tool, level: 1 }).waitFor();
  const spans = live.getByRole('list', { name: 'Spans' }).getByRole('button', { pressed: true });
  await spans.first().waitFor();
  return {
    ...registered,
    answer,
    live: { row: seen, wasNotLoadedAgain: await live.evaluate(() => window.isTheSame === true) },
    trace: {
      id: new URL(live.url()).searchParams.get('id') === traceId,
      chosen: await spans.first().getAttribute('aria-label'),
      attributes: await live.getByRole('tabpanel').innerText(),
    },
  };
});
