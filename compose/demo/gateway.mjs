// `node --import ./gateway.mjs …`: the gateway at the address that people have for it, GATEWAYOPS_URL, which is on their
// own machine. The provider has to know it by the same.
import net from 'node:net';

const { port } = new URL(process.env.GATEWAYOPS_URL);
const relay = net.createServer(client => {
  const balancer = net.connect(8080, 'balancer');
  client.pipe(balancer).pipe(client);
  client.on('error', () => balancer.destroy());
  balancer.on('error', () => client.destroy());
});
relay.listen(port, 'localhost');
