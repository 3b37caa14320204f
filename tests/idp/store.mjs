// Everything that the provider remembers, in memory: it survives a rotation of keys, not the process.

/** An adapter of oidc-provider for each kind of thing, all on one map. */
export function createStore() {
  const all = new Map();
  return class {
    #kind;

    constructor(kind) {
      this.#kind = kind;
    }

    #key = id => `${this.#kind}:${id}`;

    async upsert(id, payload, expiresIn) {
      const expires = expiresIn === undefined ? Infinity : Date.now() + expiresIn * 1000;
      all.set(this.#key(id), { payload, expires });
      for (const [key, entry] of all) if (entry.expires < Date.now()) all.delete(key);
    }

    async find(id) {
      const entry = all.get(this.#key(id));
      return entry && entry.expires >= Date.now() ? entry.payload : undefined;
    }

    async #findBy(name, value) {
      const entries = [...all].filter(([key]) => key.startsWith(`${this.#kind}:`));
      return entries.find(([, { payload }]) => payload[name] === value)?.[1].payload;
    }

    findByUid = uid => this.#findBy('uid', uid);
    findByUserCode = code => this.#findBy('userCode', code);

    async consume(id) {
      all.get(this.#key(id)).payload.consumed = Math.floor(Date.now() / 1000);
    }

    async destroy(id) {
      all.delete(this.#key(id));
    }

    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of all) if (payload.grantId === grantId) all.delete(key);
    }
  };
}
