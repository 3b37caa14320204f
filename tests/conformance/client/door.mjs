// A door before a server: a port that hangs up on everybody until it is opened, and then passes on every byte as it is.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** `url` is the server's, with the door's address; `open` opens it. The process may end with the door open. */
export async function shutDoor(server) {
  const { hostname, port } = new URL(server);
  let isOpen = false;
  const door = createServer(caller => (isOpen ? join(caller, connect(port, hostname)) : caller.destroy()));
  door.unref().listen(0, '127.0.0.1');
  await once(door, 'listening');

  const url = new URL(server);
  url.host = `127.0.0.1:${door.address().port}`;
  return { url: url.href, open: () => { isOpen = true; } };
}

function join(caller, server) {
  for (const [one, other] of [[caller, server], [server, caller]]) {
    one.unref().pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroySoon()); // what was already read must still arrive
  }
}
