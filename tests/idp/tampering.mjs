// Makes the next ID token say something else, signed by a key of one's choice: what a client must refuse can then be
// driven from outside, through the very flow that people sign in with.
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose';

export class Tampering {
  #next;

  constructor(keys) {
    this.keys = keys;
  }

  /** `claims` are put over the true ones, null takes one away; `key` is `own`, or `stranger` for one never published. */
  prepare({ claims = {}, key = 'own' }) {
    if (!['own', 'stranger'].includes(key)) throw new Error(`key is own or stranger, not ${key}`);
    this.#next = { claims, key };
  }

  /** Around the token endpoint; of every other route nothing is changed. */
  middleware = async (ctx, next) => {
    await next();
    if (ctx.oidc?.route !== 'token' || !ctx.body?.id_token || !this.#next) return;
    const changes = this.#next;
    this.#next = undefined;
    ctx.body = { ...ctx.body, id_token: await this.#sign(ctx.body.id_token, changes) };
  };

  async #sign(token, { claims, key }) {
    const { alg } = decodeProtectedHeader(token);
    const own = await this.keys.signing(alg);
    const signer = key === 'own' ? own.key : (await generateKeyPair(alg)).privateKey;
    const said = Object.entries({ ...decodeJwt(token), ...claims }).filter(([, value]) => value !== null);
    return new SignJWT(Object.fromEntries(said)).setProtectedHeader({ alg, kid: own.kid }).sign(signer);
  }
}
