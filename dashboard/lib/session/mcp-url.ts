import { useMe } from "./session";

/** Where MCP clients reach a server through the gateway; all of them as one where none is named. */
export function useMcpUrl(server: string): string {
  return mcpUrl(useMe().mcp_url, server);
}

export function mcpUrl(all: string, server: string): string {
  return server ? `${all}/${encodeURIComponent(server)}` : all;
}
