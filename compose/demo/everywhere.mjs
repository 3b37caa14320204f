// `node --import ./everywhere.mjs …`: what wants to listen on the loopback alone listens on all addresses. The loopback of
// a container reaches nobody.
import net from 'node:net';

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (port, host, ...rest) {
  return listen.call(this, port, host === '127.0.0.1' ? '0.0.0.0' : host, ...rest);
};
