// The keys that tokens are signed with: the newest one signs, older ones are still published until they are dropped.
import { exportJWK, generateKeyPair, importJWK } from 'jose';
import { randomUUID } from 'node:crypto';

/** ID tokens are signed by RSA, access tokens by an elliptic curve, so that both are seen. */
const ALGORITHMS = ['RS256', 'ES256'];

export class Keys {
  /** Newest first. */
  jwks = [];

  /** New ones, beside the old ones or in their place. */
  async rotate({ keep }) {
    const fresh = await Promise.all(ALGORITHMS.map(makeKey));
    this.jwks = [...fresh, ...(keep ? this.jwks : [])];
  }

  /** The key that signs now. */
  async signing(alg) {
    const jwk = this.jwks.find(key => key.alg === alg);
    return { kid: jwk.kid, key: await importJWK(jwk, alg) };
  }
}

async function makeKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: randomUUID() };
}
