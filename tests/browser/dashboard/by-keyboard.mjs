// The ten commonest things that people do, by the keyboard alone: node by-keyboard.mjs, with PLAN as JSON:
//   base, provider, account, password   who signs in, and where
//   tool                                of whose calls one waited for a person, so that its trace has several spans
//   alert                               the name of a rule that fires
// A call waits for an approval. Prints { did, pointed }: what came of each, and how often anything pointed at a page.
import { choose, goTo, openFirstRow, press, tabTo, watchPointer, write } from './steps/keyboard.mjs';
import { report } from './steps/report.mjs';
import { strangersPage } from './steps/sign-in.mjs';

async function signIn(page, { base, provider, account, password }) {
  await page.goto(`${base}/login`);
  await press(page, 'link', `Continue with ${provider}`);
  await page.getByLabel('Account').and(page.locator(':focus')).waitFor();
  await page.keyboard.type(account);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
}

async function goToTraces(page) {
  await goTo(page, 'Traces');
  return new URL(page.url()).pathname;
}

/** `/` leads to the search, wherever the focus is. */
async function find(page, { tool }) {
  await page.locator('tr[data-index="0"]').waitFor();
  await page.keyboard.press('/');
  await page.getByRole('textbox', { name: 'Find in tools and errors' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.type(tool);
  await page.waitForURL(url => url.searchParams.get('q') === tool);
  const links = page.getByRole('region', { name: 'Traces', exact: true }).getByRole('link');
  await links.filter({ hasNotText: tool }).first().waitFor({ state: 'detached' });
  return links.allInnerTexts();
}

async function openTrace(page, { tool }) {
  await page.keyboard.press('Tab'); // out of the text, where j is a letter
  await openFirstRow(page);
  await page.getByRole('heading', { name: tool, level: 1 }).waitFor();
  return new URL(page.url()).pathname;
}

/** The arrows go from span to span, and each is shown in full. */
async function moveInWaterfall(page, { tool }) {
  await tabTo(page, 'button', new RegExp(`^${tool}, `));
  await page.keyboard.press('ArrowDown');
  await page.waitForURL(url => url.searchParams.has('span'));
  const spans = page.getByRole('list', { name: 'Spans' });
  await spans.getByRole('button', { pressed: true }).and(page.locator(':focus')).waitFor();
  return spans.locator(':focus').getAttribute('aria-label');
}

async function chooseTime(page) {
  await goTo(page, 'Overview');
  await press(page, 'button', /^Range of time: /);
  await press(page, 'button', 'Last 7 days');
  await page.waitForURL(url => url.searchParams.get('period') === 'week');
  // Drawn a moment after the address has changed.
  const chosen = page.getByRole('button', { name: 'Range of time: Last 7 days', exact: true });
  await chosen.waitFor();
  return chosen.innerText();
}

async function call(page) {
  await goTo(page, 'Playground');
  await choose(page, 'Server', 'demo');
  await choose(page, 'Tool', 'echo');
  await write(page, 'text', 'by keyboard');
  await press(page, 'button', 'Call');
  await page.getByText('Success', { exact: true }).waitFor();
  return page.getByRole('region', { name: 'Text', exact: true }).innerText();
}

async function approve(page) {
  await goTo(page, 'Approvals');
  await press(page, 'button', 'Approve …');
  await page.getByRole('dialog').waitFor();
  await press(page, 'button', 'Approve');
  const empty = page.getByText('Nobody waits');
  await empty.waitFor();
  return empty.innerText();
}

async function acknowledge(page, { alert }) {
  await goTo(page, 'Alerts');
  await openFirstRow(page);
  await page.getByRole('heading', { name: alert, level: 1 }).waitFor();
  await press(page, 'button', 'Acknowledge');
  await page.getByRole('dialog').waitFor();
  await write(page, 'Note', 'on it, by keyboard');
  await press(page, 'button', 'Acknowledge');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  return page.getByText('on it, by keyboard').first().innerText();
}

async function makeKey(page) {
  await goTo(page, 'API keys');
  await press(page, 'link', 'New key');
  await write(page, 'Name', 'typed');
  await page.keyboard.press('Enter');
  const secret = page.getByRole('region', { name: 'Copy the key now' }).locator('code');
  return (await secret.innerText()).slice(0, 4);
}

await report(async (browser, plan) => {
  const page = await strangersPage(browser);
  const seen = await watchPointer(page.context());
  await signIn(page, plan);
  const did = {
    signed_in: page.url(),
    went: await goToTraces(page),
    found: await find(page, plan),
    opened: await openTrace(page, plan),
    moved: await moveInWaterfall(page, plan),
    time: await chooseTime(page),
    called: await call(page),
    approved: await approve(page),
    acknowledged: await acknowledge(page, plan),
    made: await makeKey(page),
  };
  return { did, pointed: seen.count };
});
