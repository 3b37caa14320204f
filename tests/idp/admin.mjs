// How a test moves the provider: POST with JSON, from this machine only.
//   /_admin/accounts     one more account, or another word on one: { sub, … }
//   /_admin/clients      a client that need not register: { client_id, … }
//   /_admin/claims       what the next ID token says: { claims: { iss, aud, nonce, … }, key: own|stranger }
//   /_admin/rotate-keys  new keys sign from now on; { keep: true } publishes the old ones still
import { json } from 'node:stream/consumers';

const LOOPBACK = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

export async function administer(path, request, response, acts) {
  const act = acts[path];
  if (!LOOPBACK.includes(request.socket.remoteAddress)) return answer(response, 403);
  if (!act) return answer(response, 404);
  // A page of another origin can post here too, but not as JSON without asking first.
  const isJson = request.headers['content-type'] === 'application/json';
  if (request.method !== 'POST' || !isJson) return answer(response, 405, 'post JSON');
  try {
    await act(await json(request));
    answer(response, 204);
  } catch (error) {
    answer(response, 400, error.message);
  }
}

const answer = (response, status, text = '') => void response.writeHead(status).end(text);
