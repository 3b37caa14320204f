// Configuration to copy. The key itself stands in none of it: clients read it from the environment or ask for it, so
// that a file can be committed.

/** The variable that each of them reads. */
export const VARIABLE = "GATEWAYOPS_API_KEY";

export interface Snippet {
  id: string;
  client: string;
  /** Where it goes, or what to do first. */
  where: string;
  text: string;
}

export function exportLine(secret: string): string {
  return `export ${VARIABLE}='${secret}'`;
}

export function snippets(url: string, server: string): Snippet[] {
  const name = server || "gatewayops";
  return [
    {
      id: "claude-code",
      client: "Claude Code",
      where: `Run it where ${VARIABLE} is set.`,
      text: `claude mcp add --transport http ${name} ${url} \\\n  --header "Authorization: Bearer $${VARIABLE}"`,
    },
    {
      id: "cursor",
      client: "Cursor",
      where: "Into .cursor/mcp.json of a project, or ~/.cursor/mcp.json for all of them.",
      text: json({
        mcpServers: { [name]: { url, headers: { Authorization: `Bearer \${env:${VARIABLE}}` } } },
      }),
    },
    {
      id: "vs-code",
      client: "VS Code",
      where: "Into .vscode/mcp.json. VS Code asks for the key once and keeps it safe.",
      text: json({
        inputs: [
          { type: "promptString", id: "gatewayops-key", description: "GatewayOps API key", password: true },
        ],
        servers: {
          [name]: { type: "http", url, headers: { Authorization: "Bearer ${input:gatewayops-key}" } },
        },
      }),
    },
    { id: "python", client: "Python SDK", where: 'pip install "mcp>=2"', text: python(url) },
    {
      id: "typescript",
      client: "TypeScript SDK",
      where: "npm install @modelcontextprotocol/client",
      text: typescript(url),
    },
  ];
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function python(url: string): string {
  return `import asyncio
import os

from mcp import Client
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

URL = ${JSON.stringify(url)}
HEADERS = {"Authorization": f"Bearer {os.environ['${VARIABLE}']}"}


async def main():
    async with create_mcp_http_client(headers=HEADERS) as http:
        async with Client(streamable_http_client(URL, http_client=http)) as client:
            for tool in (await client.list_tools()).tools:
                print(tool.name)


asyncio.run(main())`;
}

function typescript(url: string): string {
  return `import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const transport = new StreamableHTTPClientTransport(new URL(${JSON.stringify(url)}), {
  requestInit: { headers: { Authorization: \`Bearer \${process.env.${VARIABLE}}\` } },
});
const client = new Client({ name: "my-app", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
await client.connect(transport);
for (const tool of (await client.listTools()).tools) console.log(tool.name);
await client.close();`;
}
