// A tool is called with a key, as clients of 2026-07-28 do it.
const VERSION = '2026-07-28';
const META = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientInfo': { name: 'gatewayops-tests', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** The HTTP status, and the text that the tool answered. */
export async function callTool(url, key, name, args) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': VERSION,
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: JSON.stringify({
      jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args, _meta: META },
    }),
  });
  const message = messageOf(response, await response.text());
  return { status: response.status, text: message?.result?.content?.[0]?.text ?? null };
}

/** JSON, or the last event of a stream. */
function messageOf(response, text) {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  const json = isStream ? text.split('\n').findLast(line => line.startsWith('data:'))?.slice(5) : text;
  return json ? JSON.parse(json) : null;
}
