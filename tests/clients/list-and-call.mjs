// What every client here does with a server: connect with the key, list the tools, call `echo`, say in one JSON line
// what came back. Any surprise is an exception, so the exit status is not zero.
import assert from 'node:assert/strict';

const SENT = 'through the gateway';

export async function listAndCall(client, Transport, url, { client: name, asked, spoken }) {
  assert.ok(url, 'give the URL of an MCP endpoint');
  const key = process.env.GATEWAYOPS_API_KEY;
  const requestInit = key ? { headers: { Authorization: `Bearer ${key}` } } : undefined;
  await client.connect(new Transport(new URL(url), { requestInit }));
  const era = spoken();
  assert.ok(asked === 'auto' || era === asked, `asked for ${asked}, spoke ${era}`);

  const { tools } = await client.listTools();
  const echo = tools.find(tool => tool.name === 'echo');
  assert.ok(echo, `no tool named echo among ${tools.map(tool => tool.name)}`);

  const [argument] = Object.keys(echo.inputSchema.properties);
  const result = await client.callTool({ name: 'echo', arguments: { [argument]: SENT } });
  const text = result.content[0].text;
  assert.ok(!result.isError && text.includes(SENT), `echo answered ${JSON.stringify(result)}`);

  const server = client.getServerVersion()?.name;
  await client.close();
  console.log(JSON.stringify({ client: name, era, server, tools: tools.length, text }));
}
