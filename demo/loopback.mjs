// `node --import ./loopback.mjs …`: the everything server listens on all interfaces and asks nobody who they are;
// here its listeners stay on this machine.
import net from 'node:net';

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (port, ...rest) {
  const everywhere = /^\d+$/.test(port) && typeof rest[0] !== 'string';
  return everywhere ? listen.call(this, Number(port), '127.0.0.1', ...rest) : listen.call(this, port, ...rest);
};
