// A channel and a rule are made, the rule's alert fires on what was called, and somebody looks after it: node
// alerted.mjs, with PLAN as JSON:
//   base, provider, account   who signs in, and where
//   hook, secret              where the channel posts to, and what it signs with
//   rule, note                the rule's name, and what is written of its alert; it watches errors of `fail` on `demo`
import { report } from './steps/report.mjs';
import { settled } from './steps/settled.mjs';
import { signIn } from './steps/sign-in.mjs';

const CHANNEL = 'On call';

async function makeChannel(page, { hook, secret }) {
  await page.getByRole('button', { name: 'New channel' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New channel' });
  await dialog.getByLabel('Name', { exact: true }).fill(CHANNEL);
  await dialog.getByLabel('Type', { exact: true }).selectOption('webhook');
  await dialog.getByLabel('URL', { exact: true }).fill(hook);
  await dialog.getByLabel('Signing secret', { exact: true }).fill(secret);
  await dialog.getByRole('button', { name: 'Make channel' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: `Test ${CHANNEL}` }).click();
  const tried = page.getByText(`${CHANNEL} took the test`);
  await tried.waitFor();
  return tried.innerText();
}

async function makeRule(page, { base, rule }) {
  await page.goto(`${base}/alert-rule?new=1`);
  await page.getByLabel('Name', { exact: true }).fill(rule);
  await page.getByLabel('Threshold', { exact: true }).fill('0.5');
  await page.getByLabel('Window in minutes', { exact: true }).fill('60');
  await page.getByRole('group', { name: /^Servers/ }).getByLabel('demo', { exact: true }).check();
  await page.getByLabel('Tools', { exact: true }).fill('fail');
  await page.getByRole('group', { name: /^Channels/ }).getByLabel(CHANNEL, { exact: true }).check();
  await page.getByRole('button', { name: 'Make rule' }).click();
  await page.waitForURL(/\/alert-rule\?id=/);
}

await report(async (browser, plan) => {
  const page = await signIn(browser, plan, '/alerts');
  await page.getByRole('tab', { name: 'Channels' }).click();
  const tried = await makeChannel(page, plan);
  await makeRule(page, plan);
  await page.getByText('Firing', { exact: true }).first().waitFor();

  await page.goto(`${plan.base}/alerts`);
  await page.getByRole('region', { name: 'Alerts', exact: true }).getByRole('link', { name: plan.rule }).click();
  await page.getByRole('heading', { name: plan.rule, level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Acknowledge this alert' });
  await dialog.getByLabel('Note', { exact: true }).fill(plan.note);
  await dialog.getByRole('button', { name: 'Acknowledge', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText(plan.note).waitFor();
  await page.reload();
  await page.getByText(plan.note).waitFor();
  await settled(page);
  const isOffered = await page.getByRole('button', { name: 'Acknowledge', exact: true }).isVisible();
  return { tried, alert: await page.getByRole('main').innerText(), isOffered };
});
