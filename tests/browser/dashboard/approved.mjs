// A call that waits for a person is seen in the inbox, and approved there while its client waits: node approved.mjs,
// with PLAN as JSON:
//   base, provider, account   who signs in, and where
//   note                      what they write
import { report } from './steps/report.mjs';
import { read } from './steps/rest.mjs';
import { signIn } from './steps/sign-in.mjs';
import { until } from './steps/until.mjs';

await report(async (browser, plan) => {
  const page = await signIn(browser, plan, '/approvals');
  const asked = page.getByRole('article').first();
  await asked.waitFor();
  const shown = await asked.innerText();
  await asked.getByRole('button', { name: 'Approve …' }).click();
  const dialog = page.getByRole('dialog', { name: /^Approve / });
  await dialog.getByLabel('Note', { exact: true }).fill(plan.note);
  await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
  await page.getByText('Nobody waits').waitFor();

  await until('the approval is used', async () =>
    (await read(page, '/v1/approvals?status=consumed')).approvals.length > 0);
  await page.getByRole('tab', { name: 'History' }).click();
  const row = page.getByRole('region', { name: 'Approvals', exact: true }).getByRole('row', { name: /Consumed/ });
  await row.waitFor();
  const history = await row.innerText();
  await row.getByRole('link').click();
  await page.getByText('What became of it').waitFor();
  return { shown, history, outcome: await page.getByRole('main').innerText() };
});
