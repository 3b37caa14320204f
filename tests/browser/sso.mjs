// People who sign in to the dashboard through a provider: node sso.mjs, with PLAN as JSON. Each step is somebody new:
//   name      of the step
//   login     the log-in page, with ?redirect= as wanted
//   provider  what its button there says
//   account   who signs in at the provider; nobody does without one
//   before    [{ url, json }] posted first, such as what the provider is to say
//   then      what happens besides:
//             forge_state   the browser comes back with a state that was never given
//             replay        it comes back a second time, as the first time
//             log_out       from the dashboard, and from the provider with it
//             leave         from the provider alone, which tells the gateway
// Prints { name: what was seen } as one JSON line.
import { openBrowser } from './chromium.mjs';
import { Person } from './person.mjs';

const SOON = 10_000; // until a call behind the browser's back has its effect

async function take(browser, { login, provider, account, before = [], then }) {
  for (const { url, json } of before) await post(url, json);
  const person = await Person.at(browser);
  await person.chooseProvider(login, provider);
  if (then === 'forge_state') {
    await person.comeBackWith({ state: 'a-state-of-nobody' });
    return person.sees();
  }
  const cookies = await person.context.cookies();
  await person.signIn(account);
  const seen = await person.sees();
  if (then === 'replay') {
    await person.comeBackAgain(cookies);
    return { ...(await person.sees()), first: seen };
  }
  if (seen.error) return seen;
  seen.me = (await person.ask('GET', '/v1/auth/me')).body;
  if (then === 'log_out') seen.after = await logOut(person, { login, provider });
  if (then === 'leave') seen.after = await leave(person);
  return seen;
}

async function post(url, json) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(json) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}

/** RP-initiated: the gateway says where to go, the provider asks, and sends the browser back. */
async function logOut(person, { login, provider }) {
  const { origin } = new URL(person.page.url());
  const { status, body } = await person.ask('POST', '/v1/auth/logout');
  await person.page.goto(body.logout_url);
  await person.page.getByRole('button', { name: 'Sign out' }).click();
  await person.page.waitForURL(url => url.origin === origin);
  const seen = await person.sees();
  const me = await person.ask('GET', '/v1/auth/me');
  // The provider has forgotten the browser as well: it asks who is there.
  await person.chooseProvider(login, provider);
  return { status, path: seen.path, me: me.status };
}

/** Back-channel: at the provider alone. The dashboard's page is still open, and its session is over soon. */
async function leave(person) {
  const elsewhere = await person.context.newPage();
  await elsewhere.goto(new URL('/session/end', person.authorization).href);
  await elsewhere.getByRole('button', { name: 'Sign out' }).click();
  await elsewhere.waitForLoadState();
  const until = Date.now() + SOON;
  for (;;) {
    const { status } = await person.ask('GET', '/v1/auth/me');
    if (status === 401 || Date.now() > until) return { me: status };
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

const browser = await openBrowser();
try {
  const seen = {};
  for (const { name, ...step } of JSON.parse(process.env.PLAN)) {
    seen[name] = await take(browser, step).catch(error => {
      throw new Error(`${name}: ${error.message}`);
    });
  }
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
