import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { everyPage } from "@/lib/api/every-page";

export type Tool = Schemas["Tool"];

const PAGE = 200;

export const serversQuery = queryOptions({
  queryKey: ["playground", "servers"],
  queryFn: async ({ signal }) => {
    const query = { enabled: "true", sort: "name", limit: PAGE };
    return (await data(api.GET("/v1/mcp-servers", { params: { query }, signal }))).mcp_servers;
  },
  staleTime: 30_000,
});

export function toolsQuery(server: string) {
  return queryOptions({
    queryKey: ["playground", "tools", server],
    queryFn: async ({ signal }) => {
      const usable = { status: "active,new,changed", sort: "name", limit: PAGE };
      const pages = await everyPage((cursor) => {
        const query = { ...usable, ...(cursor ? { cursor } : {}) };
        return data(
          api.GET("/v1/mcp-servers/{id}/tools", { params: { path: { id: server }, query }, signal }),
        );
      });
      return pages.flatMap(({ tools }) => tools);
    },
    staleTime: 30_000,
  });
}

/** What a call cost, where the proxy could not say it: its answer was a stream. The span comes a moment later. */
export function costQuery(traceId: string) {
  return queryOptions({
    queryKey: ["playground", "cost", traceId],
    queryFn: async ({ signal }) => {
      const path = { trace_id: traceId };
      const trace = await data(api.GET("/v1/traces/{trace_id}", { params: { path }, signal }));
      return (trace.spans.find((span) => span.is_root) ?? trace.spans[0])?.cost_usd ?? null;
    },
    retry: 4,
    retryDelay: 1500,
    staleTime: Infinity,
  });
}

const LIFE_SECONDS = 300;

/** For this one tool and some minutes; it stays in memory. */
export async function tokenFor(server: string, tool: string, signal: AbortSignal): Promise<string> {
  const body = { ttl_seconds: LIFE_SECONDS, servers: [server], tools: [`${server}__${tool}`] };
  return (await data(api.POST("/v1/auth/token", { body, signal }))).access_token;
}
