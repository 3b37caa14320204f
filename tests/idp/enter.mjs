// Somebody enters the dashboard through the provider, without a browser: ACCOUNT, and AUTHORIZE, where the log-in page's
// button leads. Prints where the gateway sends the browser in the end, the session's cookie, and the code and state
// that it came back with.
import { visit } from './visit.mjs';

const { ACCOUNT: account, AUTHORIZE: authorize } = process.env;

function cookie(response) {
  const pairs = response.headers.getSetCookie().map(line => line.split(';')[0]);
  return pairs.filter(pair => !pair.endsWith('=')).join('; ');
}

const leaving = await fetch(authorize, { redirect: 'manual' });
const back = await visit(leaving.headers.get('location'), { account });
const entered = await fetch(back, { redirect: 'manual', headers: { cookie: cookie(leaving) } });
const location = entered.headers.get('location');
const said = Object.fromEntries(back.searchParams);
console.log(JSON.stringify({ status: entered.status, location, cookie: cookie(entered), ...said }));
