// HTTPS in front of the server at $BEHIND, for callers who show a certificate of $CLIENT_CA. $CERTIFICATE and $KEY are
// its own; all three are files.
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

const { PORT, BEHIND, CERTIFICATE, KEY, CLIENT_CA } = process.env;
const tls = {
  cert: readFileSync(CERTIFICATE),
  key: readFileSync(KEY),
  ca: readFileSync(CLIENT_CA),
  requestCert: true,
  rejectUnauthorized: true,
};

https
  .createServer(tls, (request, response) => {
    const { host: _, ...headers } = request.headers;
    const inner = http.request(BEHIND, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    inner.on("error", () => response.writeHead(502).end());
    request.pipe(inner);
  })
  .listen(Number(PORT), "127.0.0.1");
