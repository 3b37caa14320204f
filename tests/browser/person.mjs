// Somebody at a browser of their own: without cookies at first, and nobody else's afterwards.

const PATIENCE = 30_000; // nothing takes longer on a busy machine
const CALLBACK = '/v1/sso/callback/';

export class Person {
  /** Where the provider sent the browser back to, and what the gateway had asked it for. */
  callback;
  authorization;

  /** `options` are those of the browser's context: its window, its colours. */
  static async at(browser, options = {}) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(PATIENCE);
    return new Person(context, await context.newPage());
  }

  constructor(context, page) {
    this.context = context;
    this.page = page;
    page.on('request', request => {
      const url = new URL(request.url());
      if (url.pathname.startsWith(CALLBACK)) this.callback = url;
      if (url.searchParams.has('redirect_uri')) this.authorization = url;
    });
  }

  /** From the log-in page of the gateway to that of the provider. */
  async chooseProvider(url, name) {
    await this.page.goto(url);
    const way = this.page.getByRole('link', { name }).or(this.page.getByRole('button', { name }));
    await way.first().click();
    await this.page.getByLabel('Account').waitFor();
  }

  /** And back: until the gateway has said yes or no. */
  async signIn(account, password = 'password') {
    const { origin } = new URL(this.authorization.searchParams.get('redirect_uri'));
    await this.page.getByLabel('Account').fill(account);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.waitForURL(url => url.origin === origin && !url.pathname.startsWith(CALLBACK));
  }

  /** Comes back from the provider with what somebody else says. */
  async comeBackWith(changes) {
    const { searchParams } = this.authorization;
    const url = new URL(searchParams.get('redirect_uri'));
    const said = { code: 'a-code-of-nobody', state: searchParams.get('state'), ...changes };
    for (const [name, value] of Object.entries(said)) url.searchParams.set(name, value);
    await this.page.goto(url.href);
  }

  /** Does the last step a second time, with the cookies of the first. */
  async comeBackAgain(cookies) {
    await this.context.clearCookies();
    await this.context.addCookies(cookies);
    await this.page.goto(this.callback.href);
  }

  /** What the gateway says of whoever has this browser; the page is one of its own. */
  ask(method, path) {
    return this.page.evaluate(async ([method, path]) => {
      const me = await fetch('/v1/auth/me');
      if (path === '/v1/auth/me') return { status: me.status, body: await me.json() };
      const headers = { 'X-CSRF-Token': (await me.json()).csrf_token };
      const response = await fetch(path, { method, headers });
      return { status: response.status, body: await response.json().catch(() => null) };
    }, [method, path]);
  }

  /** What is to be seen; of an error there is a sentence, sooner or later. */
  async sees() {
    const { pathname, search, searchParams } = new URL(this.page.url());
    const alert = this.page.getByRole('alert').filter({ visible: true, hasText: /\S/ });
    if (searchParams.has('error')) await alert.first().waitFor();
    const alerts = await alert.allInnerTexts();
    const text = await this.page.locator('body').innerText();
    return {
      path: pathname + (searchParams.has('error') ? '' : search),
      error: searchParams.get('error'),
      request_id: searchParams.get('request_id'),
      alert: alerts.join(' ').trim() || null,
      text: text.slice(0, 1000),
    };
  }
}
