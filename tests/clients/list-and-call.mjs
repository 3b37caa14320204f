// What every client here does with a server unless it has a PLAN: list the tools, call `echo`.
import assert from 'node:assert/strict';

const SENT = 'through the gateway';

export async function listAndCall(client) {
  const { tools } = await client.listTools();
  const echo = tools.find(tool => tool.name === 'echo');
  assert.ok(echo, `no tool named echo among ${tools.map(tool => tool.name)}`);

  const [argument] = Object.keys(echo.inputSchema.properties);
  const result = await client.callTool({ name: 'echo', arguments: { [argument]: SENT } });
  const text = result.content[0].text;
  assert.ok(!result.isError && text.includes(SENT), `echo answered ${JSON.stringify(result)}`);
  return { tools: tools.length, text };
}
