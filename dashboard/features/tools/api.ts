import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { everyPage } from "@/lib/api/every-page";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";

export type Tool = Schemas["Tool"];
export type Level = Schemas["ToolLevel"];
export type Classification = Schemas["ToolClassification"];
export type Decision = Schemas["ToolReviewDecision"];

export const FILTERS = ["q", "status", "classification", "mcp_server"] as const;
export type Filter = (typeof FILTERS)[number];
export type ToolFilters = Partial<Record<Filter, string>>;
export const DEFAULT_SORT = "name";

const MOST = 200;

export function toolsQuery(filters: ToolFilters, sort: string, limit = 100) {
  return pagedQuery(
    ["tools", "list", filters, sort, limit],
    (page, signal) =>
      data(api.GET("/v1/tools", { params: { query: { ...filters, sort, ...page } }, signal })),
    { limit },
  );
}

/** How many wait for a review. */
export const waitingQuery = queryOptions({
  queryKey: ["tools", "waiting"],
  queryFn: async ({ signal }) => {
    const query = { status: "new,changed", limit: 1 };
    return (await data(api.GET("/v1/tools", { params: { query }, signal }))).total ?? 0;
  },
  refetchInterval: 30_000,
});

export function toolQuery(id: string) {
  return queryOptions({
    queryKey: ["tools", "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/tools/{id}", { params: { path: { id } }, signal })),
  });
}

/** How many tools each server has, to filter by. */
export const toolCountsQuery = queryOptions({
  queryKey: ["tools", "counts"],
  queryFn: async ({ signal }) => {
    const query = { sort: "name", limit: MOST };
    const { mcp_servers } = await data(api.GET("/v1/mcp-servers", { params: { query }, signal }));
    return mcp_servers.map(({ name, tool_count }) => ({ value: name, count: tool_count }));
  },
  staleTime: 60_000,
});

/** Only the definition that was looked at is decided about: `schema_hash` names it. */
export function reviewTool(tool: Tool, decision: Decision, note: string): Promise<Tool> {
  const body = { decision, schema_hash: tool.schema_hash, ...(note.trim() && { note: note.trim() }) };
  return data(api.POST("/v1/tools/{id}/review", { params: { path: { id: tool.id } }, body }));
}

/** What administrators have said of tools; patterns are compared here, since the API compares them as texts. */
export const classificationsQuery = queryOptions({
  queryKey: ["tools", "classifications"],
  queryFn: async ({ signal }) => {
    const pages = await everyPage((cursor) => {
      const query = { limit: MOST, ...(cursor ? { cursor } : {}) };
      return data(api.GET("/v1/tool-classifications", { params: { query }, signal }));
    });
    return pages.flatMap((page) => page.tool_classifications);
  },
});

export const permissionsQuery = queryOptions({
  queryKey: ["tools", "permissions"],
  queryFn: async ({ signal }) => {
    const pages = await everyPage((cursor) => {
      const query = { limit: MOST, ...(cursor ? { cursor } : {}) };
      return data(api.GET("/v1/tool-permissions", { params: { query }, signal }));
    });
    return pages.flatMap((page) => page.tool_permissions);
  },
});

/** The rule about this very tool is changed, or made; `null` takes it back. */
export async function classify(
  tool: Tool,
  rule: Classification | undefined,
  level: Level | null,
): Promise<void> {
  if (level === null) {
    if (!rule) return;
    const headers = ifMatch(rule.version);
    await api.DELETE("/v1/tool-classifications/{id}", { params: { path: { id: rule.id } }, headers });
    return;
  }
  if (!rule) {
    const body = { mcp_server: tool.mcp_server, tool_name: tool.name ?? "", classification: level };
    await api.POST("/v1/tool-classifications", { body });
    return;
  }
  const headers = ifMatch(rule.version);
  const body = { classification: level };
  await api.PATCH("/v1/tool-classifications/{id}", { params: { path: { id: rule.id } }, headers, body });
}
