// Somebody signs in through the provider and invites somebody else, who joins in a browser of their own: node
// joined.mjs, with PLAN as JSON:
//   base, provider, account   who signs in, and where
//   invited                   { email, name, password } of who joins, as a viewer
import { report } from './steps/report.mjs';
import { read } from './steps/rest.mjs';
import { signIn, strangersPage } from './steps/sign-in.mjs';

/** The link that is shown this once. */
async function invite(page, { email }) {
  await page.getByRole('link', { name: 'Invite', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
  await dialog.getByLabel('E-mail address').fill(email);
  await dialog.getByLabel('Role', { exact: true }).selectOption('viewer');
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
  const shown = page.getByRole('region', { name: `The link for ${email}` });
  const link = await shown.locator('code').innerText();
  await shown.getByRole('button', { name: 'I have it' }).click();
  await shown.waitFor({ state: 'detached' });
  return link;
}

async function join(page, link, { name, password }) {
  await page.goto(link);
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
}

async function whatIsSaidOf(page, link) {
  await page.goto(link);
  await page.getByText('This invite is no longer good').waitFor();
  return page.getByRole('main').innerText();
}

await report(async (browser, plan) => {
  const page = await signIn(browser, plan, '/team');
  const landed = new URL(page.url()).pathname;
  await page.getByRole('button', { name: /, your account: / }).click();
  const menu = await page.getByRole('menu').innerText();
  await page.keyboard.press('Escape');

  const link = await invite(page, plan.invited);
  const guest = await strangersPage(browser);
  await join(guest, link, plan.invited);
  const joined = await read(guest, '/v1/auth/me');
  const navigation = await guest.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts();

  await page.goto(`${plan.base}/team`);
  const people = page.getByRole('region', { name: 'People', exact: true });
  await people.getByRole('link', { name: plan.invited.name }).waitFor();
  return {
    landed,
    menu,
    link: link.replace(/#.*/, ''),
    joined: { email: joined.user.email, name: joined.user.name, roles: joined.roles.map(({ name }) => name) },
    navigation,
    people: await people.innerText(),
    again: await whatIsSaidOf(await strangersPage(browser), link),
  };
});
