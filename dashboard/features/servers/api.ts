import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";

export type Server = Schemas["McpServer"];
export type ServerForm = Schemas["ServerForm"];
export type ServerPatch = Schemas["ServerPatch"];
export type Trial = Schemas["McpServerTrial"];
export type Changes = Schemas["CatalogueChanges"];

export const FILTERS = ["q", "health", "enabled", "tag"] as const;
export type Filter = (typeof FILTERS)[number];
export type ServerFilters = Partial<Record<Filter, string>>;
export const DEFAULT_SORT = "name";

const REFRESH_MS = 15_000;

export function serversQuery(filters: ServerFilters, sort: string) {
  return pagedQuery(
    ["servers", "list", filters, sort],
    (page, signal) =>
      data(api.GET("/v1/mcp-servers", { params: { query: { ...filters, sort, ...page } }, signal })),
    { refetchInterval: REFRESH_MS },
  );
}

export function serverQuery(name: string) {
  return queryOptions({
    queryKey: ["servers", "one", name],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/mcp-servers/{id}", { params: { path: { id: name } }, signal })),
    refetchInterval: REFRESH_MS,
  });
}

/** Calls of the last day by server; the API tells those of the busiest fifty. */
export const callsQuery = queryOptions({
  queryKey: ["servers", "calls"],
  queryFn: async ({ signal }) => {
    const query = { period: "day", limit: 50 } as const;
    const { servers } = await data(api.GET("/v1/metrics/top-servers", { params: { query }, signal }));
    return new Map(servers.map((server) => [server.mcp_server, server]));
  },
  staleTime: 60_000,
  refetchInterval: REFRESH_MS * 4,
});

export function catalogueQuery(
  kind: "tools" | "resources" | "prompts",
  server: string,
  q: string | undefined,
) {
  return pagedQuery(["servers", "catalogue", server, kind, q], async (page, signal) => {
    const query = { sort: "name", ...(q && { q }), ...page };
    const options = { params: { path: { id: server }, query }, signal };
    if (kind === "tools") return data(api.GET("/v1/mcp-servers/{id}/tools", options));
    if (kind === "resources") return data(api.GET("/v1/mcp-servers/{id}/resources", options));
    return data(api.GET("/v1/mcp-servers/{id}/prompts", options));
  });
}

export const createServer = (body: ServerForm) => data(api.POST("/v1/mcp-servers", { body }));

/** `version` is what the change was made from: where somebody else was faster, it is refused. */
export function updateServer(id: string, version: number, body: ServerPatch): Promise<Server> {
  const headers = ifMatch(version);
  return data(api.PATCH("/v1/mcp-servers/{id}", { params: { path: { id } }, headers, body }));
}

export async function deleteServer({ id, version }: Server): Promise<void> {
  const headers = ifMatch(version);
  await api.DELETE("/v1/mcp-servers/{id}", { params: { path: { id } }, headers });
}

export const tryServer = (body: Schemas["TrialForm"]) => data(api.POST("/v1/mcp-servers/test", { body }));

export const testServer = (id: string) =>
  data(api.POST("/v1/mcp-servers/{id}/test", { params: { path: { id } } }));

export const refreshServer = (id: string) =>
  data(api.POST("/v1/mcp-servers/{id}/refresh", { params: { path: { id } } }));
