import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/lib/api/client";

/** The audience of a token, which is the gateway's public address; null for what is no such token. */
export function audienceOf(token: string): string | null {
  const [, payload] = token.split(".");
  if (!payload) return null;
  try {
    const claims: unknown = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/")));
    const audience = typeof claims === "object" && claims !== null && "aud" in claims ? claims.aud : null;
    return typeof audience === "string" && /^https?:\/\//.test(audience) ? audience.replace(/\/$/, "") : null;
  } catch {
    return null;
  }
}

/**
 * Where MCP clients reach the gateway. No route tells it but the tokens for it, which name it as their audience: one for
 * a minute, for no server and no tool, is asked for and only read.
 */
export const gatewayQuery = queryOptions({
  queryKey: ["keys", "gateway-address"],
  queryFn: async ({ signal }) => {
    const body = { ttl_seconds: 60, servers: [], tools: [] };
    return audienceOf((await data(api.POST("/v1/auth/token", { body, signal }))).access_token);
  },
  staleTime: Infinity,
  retry: false,
});

/** All servers behind one address, or one server as it is. */
export function mcpAddress(gateway: string, server: string): string {
  const base = gateway.trim().replace(/\/+$/, "");
  return server ? `${base}/mcp/${encodeURIComponent(server)}` : `${base}/mcp`;
}
