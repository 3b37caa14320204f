// The page on which one signs in: an account and a password, nothing else.
import { text } from 'node:stream/consumers';

const MAX_FORM = 10_000;

export class SignIn {
  constructor({ accounts, settings }) {
    this.accounts = accounts;
    this.settings = settings;
  }

  /** GET shows the page, POST is its form. Agreement is taken for granted, also where a client asks for it. */
  async handle(provider, request, response) {
    if (request.method === 'POST') return this.#submitted(provider, request, response);
    const { params, prompt } = await provider.interactionDetails(request, response);
    if (prompt.name === 'consent') return finish(provider, request, response, { consent: {} });
    send(response, 200, page({ login: params.login_hint }));
  }

  async #submitted(provider, request, response) {
    const length = request.headers['content-length'] ?? Infinity;
    if (Number(length) > MAX_FORM) return send(response, 413, 'too long');
    const form = new URLSearchParams(await text(request));
    const account = form.get('account') ?? '';
    if (!this.accounts.has(account) || form.get('password') !== this.settings.password) {
      const problem = 'There is no such account, or the password is wrong.';
      return send(response, 200, page({ login: account, problem }));
    }
    await finish(provider, request, response, { login: { accountId: account, remember: true } });
  }
}

const finish = (provider, request, response, result) =>
  provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(body);
}

const escaped = value => value.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`);

function page({ login = '', problem }) {
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Test identity provider</title>
<main>
  <h1>Test identity provider</h1>
  ${problem ? `<p role="alert">${problem}</p>` : ''}
  <form method="post">
    <p><label>Account <input name="account" value="${escaped(login)}" autofocus required></label>
    <p><label>Password <input name="password" type="password" required></label>
    <p><button type="submit">Sign in</button>
  </form>
</main>
</html>
`;
}
