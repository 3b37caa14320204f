// `node --import ./as-localhost.mjs …`: every request asks for localhost. A server for one machine refuses other names, so
// that no page of the web reaches it by a name of its own; here only containers reach it, by the service's name.
import { Server } from 'node:http';

const { emit } = Server.prototype;
Server.prototype.emit = function (event, request, ...rest) {
  if (event === 'request') request.headers.host = 'localhost';
  return emit.call(this, event, request, ...rest);
};
