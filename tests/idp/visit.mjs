// The browser's part of a sign-in without a browser: follows an authorization URL, fills in the provider's form, and
// stops where the provider sends the user away to. What a browser shows of it is tested with a real one.

const MAX_STEPS = 12;

/** The URL at the client's redirect address, with all that the provider says to it. */
export async function visit(url, { account, password = 'password' }) {
  const provider = new URL(url).origin;
  const jar = new Map();
  let request = { url: new URL(url) };
  for (let step = 0; step < MAX_STEPS; step++) {
    const { url: here, ...init } = request;
    const response = await fetch(here, { ...init, headers: { cookie: cookies(jar) }, redirect: 'manual' });
    remember(jar, response.headers.getSetCookie());
    const location = response.headers.get('location');
    if (location) {
      const next = new URL(location, here);
      if (next.origin !== provider) return next;
      request = { url: next };
    } else {
      request = filled(here, await response.text(), { account, password });
    }
  }
  throw new Error(`${MAX_STEPS} steps at ${provider} led nowhere`);
}

/** The provider's form as a browser sends it. */
function filled(here, page, fields) {
  if (!page.includes('name="account"') || page.includes('role="alert"')) {
    throw new Error(`no way to sign in at ${here.pathname}: ${page.replace(/<[^>]*>|\s+/g, ' ').trim().slice(0, 300)}`);
  }
  return { url: here, method: 'POST', body: new URLSearchParams(fields) };
}

const cookies = jar => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

function remember(jar, lines) {
  for (const line of lines) {
    const [pair] = line.split(';');
    const at = pair.indexOf('=');
    if (at > 0) jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
}
