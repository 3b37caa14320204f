// Who can sign in, and what the provider says of them.

/** `email` and `email_verified` are told unless an account says otherwise. */
export class Accounts {
  #all = new Map();

  constructor(accounts) {
    for (const account of accounts) this.put(account);
  }

  put({ sub, ...claims }) {
    if (typeof sub !== 'string' || !sub) throw new Error('an account needs a sub');
    this.#all.set(sub, { sub, email: `${sub}@example.com`, email_verified: true, name: sub, groups: [], ...claims });
  }

  has(sub) {
    return this.#all.has(sub);
  }

  /** As oidc-provider asks for one. */
  find = (_, sub) => {
    const claims = this.#all.get(sub);
    return claims && { accountId: sub, claims: () => claims };
  };
}
