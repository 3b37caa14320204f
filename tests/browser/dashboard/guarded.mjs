// A safety policy is made, and it stops the next call that it is about: node guarded.mjs, with PLAN as JSON:
//   base, provider, account   who signs in, and where
//   policy, pattern           its name, and what it looks for
//   harmless, harmful         texts that `echo` of the server `demo` is called with
import { call, callUntil, resultOn, traceIdOn } from './steps/playground.mjs';
import { report } from './steps/report.mjs';
import { read, recorded } from './steps/rest.mjs';
import { signIn } from './steps/sign-in.mjs';
import { until } from './steps/until.mjs';

async function make(page, { policy, pattern, harmful }) {
  await page.getByRole('link', { name: 'New policy' }).click();
  await page.getByRole('heading', { name: 'New safety policy' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill(policy);
  await page.getByRole('textbox', { name: 'Custom patterns' }).fill(pattern);
  // Tried before it is saved.
  await page.getByRole('textbox', { name: 'Text', exact: true }).fill(harmful);
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  const tried = await page.getByText('It would be refused.').innerText();
  await page.getByRole('button', { name: 'Make the policy' }).click();
  await page.waitForURL(/\/safety-policy\?id=/);
  return tried;
}

await report(async (browser, plan) => {
  const page = await signIn(browser, plan, '/safety');
  const tried = await make(page, plan);

  await page.goto(`${plan.base}/playground?server=demo&tool=echo`);
  const text = page.getByRole('textbox', { name: 'text', exact: true });
  await text.fill(plan.harmful);
  await callUntil(page, 'Refused by the gateway');
  const refused = await resultOn(page).innerText();
  const traceId = await traceIdOn(page);
  await text.fill(plan.harmless);
  const harmless = await call(page);

  const { status } = await recorded(page, traceId);
  await until('the detection is recorded', async () =>
    (await read(page, `/v1/safety/detections?trace_id=${traceId}`)).detections.length > 0);
  await page.goto(`${plan.base}/trace?id=${traceId}`);
  await page.getByRole('heading', { name: 'Detections', exact: true }).waitFor();
  await page.goto(`${plan.base}/safety`);
  await page.getByRole('tab', { name: 'Detections' }).click();
  const detections = page.getByRole('region', { name: 'Detections', exact: true });
  await detections.getByRole('link', { name: 'Custom patterns' }).first().click();
  await page.waitForURL(/\/detection\?id=/);
  await page.getByText(plan.policy).first().waitFor();
  return { tried, refused, harmless, status, detection: await page.getByRole('main').innerText() };
});
