// A key is made, and its secret is shown this once; clients call with it until it is rotated, and nobody does once it
// is revoked: node keyed.mjs, with PLAN as JSON:
//   base, provider, account   who signs in, and where
//   key                       its name
//   mcp                       where `echo` is called with it
import { callTool } from './steps/mcp.mjs';
import { report } from './steps/report.mjs';
import { read } from './steps/rest.mjs';
import { signIn } from './steps/sign-in.mjs';
import { until } from './steps/until.mjs';

const TEXT = 'hello';

/** Waits until calls with a secret end like that: proxies follow within two seconds. */
function answered({ mcp }, secret, status) {
  return until(`a call is answered with ${status}`, async () => {
    const answer = await callTool(mcp, secret, 'echo', { text: TEXT });
    return answer.status === status && answer;
  });
}

async function make(page, { key }) {
  await page.getByRole('link', { name: 'New key' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(key);
  await page.getByRole('button', { name: 'Make the key' }).click();
  const secret = await secretIn(page, 'Copy the key now');
  await page.getByRole('link', { name: /^I have copied it/ }).click();
  await page.waitForURL(/\/key\?id=/);
  await page.getByRole('heading', { name: key, level: 1 }).waitFor();
  return secret;
}

const secretIn = (page, title) => page.getByRole('region', { name: title }).locator('code').innerText();

/** With no grace: the old secret is good no more. */
async function rotate(page, { key }) {
  await page.getByRole('button', { name: 'Rotate', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: `Rotate ${key}` });
  await dialog.getByLabel('Grace for the old secret').selectOption('0');
  await dialog.getByRole('button', { name: 'Rotate', exact: true }).click();
  return secretIn(page, 'Copy the new secret now');
}

async function revoke(page, { key }) {
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: `Revoke ${key}?` });
  await dialog.getByLabel(`Type ${key} to go on`).fill(key);
  await dialog.getByRole('button', { name: 'Revoke key' }).click();
  await page.getByText('Revoked', { exact: true }).first().waitFor();
}

/** Whether a secret can be found anywhere once its page was loaded anew, also by the API. */
async function isShown(page, secret) {
  await page.reload();
  await page.getByRole('tab', { name: 'Details' }).click();
  await page.getByText('Begins with').waitFor();
  const id = new URL(page.url()).searchParams.get('id');
  const said = (await page.content()) + JSON.stringify(await read(page, `/v1/api-keys/${id}`));
  return said.includes(secret);
}

await report(async (browser, plan) => {
  const page = await signIn(browser, plan, '/keys');
  const first = await make(page, plan);
  const called = await answered(plan, first, 200);
  const firstIsShown = await isShown(page, first);

  const second = await rotate(page, plan);
  const old = await answered(plan, first, 401);
  const rotated = await answered(plan, second, 200);
  const secondIsShown = await isShown(page, second);

  await revoke(page, plan);
  const revoked = await answered(plan, second, 401);
  const offered = await page.getByRole('main').getByRole('button').allInnerTexts();
  return { called, old, rotated, revoked, differ: first !== second, isShown: [firstIsShown, secondIsShown], offered };
});
