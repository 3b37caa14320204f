// Each field of each page of the settings is changed, saved, and found as it was left after the page was loaded anew:
// node settings.mjs, with PLAN as JSON:
//   base, provider, account   who signs in, and where
// Prints { names, pages, made, job, documents: { before, after } }: which pages there are; of each page, and of each
// thing that is made and then changed, what was in its fields `before`, what was `left` in them, what is `found`; what
// the API says of the settings and of the organization before and after.
import { changeAll, valuesIn } from './steps/fields.mjs';
import { report } from './steps/report.mjs';
import { read } from './steps/rest.mjs';
import { save } from './steps/save.mjs';
import { settled } from './steps/settled.mjs';
import { signIn } from './steps/sign-in.mjs';

/** Where something else is not simply another value: an address must be the reader's own, a name that of something. */
const PAGES = {
  organization: { 'Billing address': 'bills@example.com' },
  limits: {},
  tools: {},
  security: { 'Allowed addresses': '127.0.0.0/8', 'A key lives at most': '365' },
  retention: {},
  sso: {},
};

/** Of what there can be many: what the button says that makes one, and what goes into its fields, at first and then. */
const MADE = {
  limits: {
    action: 'Create limit',
    values: [{ Limit: '500', 'Which tool': 'demo__echo' }, { 'Which address': '10.0.0.0/8' }],
  },
  exporters: {
    action: 'Create exporter',
    opens: ['Add a header'],
    values: [
      { Endpoint: 'http://127.0.0.1:9', 'Headers: Name of header 1': 'X-Key' },
      { Endpoint: 'http://127.0.0.1:9/otlp' },
    ],
  },
  webhooks: {
    action: 'Create webhook',
    opens: ['Add a header'],
    values: [
      { URL: 'http://127.0.0.1:9/hook', Events: 'alert.*\nbudget.exceeded', 'Headers: Name of header 1': 'X-Key' },
      { URL: 'http://127.0.0.1:9/other', Events: 'user.*' },
    ],
  },
  sso: {
    action: 'Create provider',
    opens: ['Add a group'],
    values: [
      {
        Type: 'okta', Issuer: 'http://127.0.0.1:9/oauth2/default', Scopes: 'openid\nemail',
        'Allowed domains': 'example.com',
      },
      {
        Type: 'azure_ad', Issuer: 'http://127.0.0.1:9/tenant/v2.0', Scopes: 'openid\nprofile',
        'Allowed domains': 'example.org',
      },
    ],
  },
};

const formOn = page => page.locator('main form').first();

/** Changes all there is, saves it, and looks at it anew. */
async function changed(page, given) {
  await shown(page);
  const before = await valuesIn(formOn(page));
  await changeAll(formOn(page), given);
  const left = await valuesIn(formOn(page));
  await save(page);
  return { before, left, found: await foundOn(page) };
}

async function foundOn(page) {
  await page.reload();
  await shown(page);
  return valuesIn(formOn(page));
}

/** With what it offers to choose from. */
async function shown(page) {
  await settled(page);
  await formOn(page).waitFor();
}

async function made(page, { base }, name, { action, opens = [], values: [first, second] }) {
  await page.goto(`${base}/settings/${name}?id=new`);
  await shown(page);
  for (const button of opens) await page.getByRole('button', { name: button, exact: true }).click();
  await changeAll(formOn(page), first);
  const left = withoutHeaders(await valuesIn(formOn(page)));
  await save(page, action);
  await page.waitForURL(url => url.searchParams.get('id') !== 'new');
  const found = await foundOn(page);
  return { made: { left, found }, changed: await changed(page, second) };
}

/** They are kept, and not shown again: neither their names nor their values. */
const withoutHeaders = values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith('Headers: ')));

async function documents(page) {
  const [settings, organization] = [await read(page, '/v1/settings'), await read(page, '/v1/organization')];
  return { settings, organization };
}

/** What has no fields: a job is started, and what came of it is found. */
async function job(page, { base }) {
  await page.goto(`${base}/settings/jobs`);
  await page.getByRole('button', { name: 'Start a job' }).click();
  await page.getByRole('radio', { name: 'Verify the audit log' }).check();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const ended = page.getByRole('dialog').getByText('Succeeded', { exact: true }).first();
  await ended.waitFor();
  await page.reload();
  await ended.waitFor();
  return page.getByRole('dialog').innerText();
}

await report(async (browser, plan) => {
  const page = await signIn(browser, plan, '/settings/organization');
  const listed = page.getByRole('navigation', { name: 'Settings' }).getByRole('link');
  await listed.first().waitFor();
  const names = await listed.evaluateAll(links => links.map(link => new URL(link.href).pathname.split('/').at(-1)));
  const before = await documents(page);
  const seen = { names, pages: {}, made: {} };
  for (const [name, given] of Object.entries(MADE)) seen.made[name] = await made(page, plan, name, given);
  for (const [name, given] of Object.entries(PAGES)) {
    await page.goto(`${plan.base}/settings/${name}`);
    seen.pages[name] = await changed(page, given);
  }
  return { ...seen, job: await job(page, plan), documents: { before, after: await documents(page) } };
});
