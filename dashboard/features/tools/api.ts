import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { ifMatch } from "@/lib/api/if-match";

export type Tool = Schemas["Tool"];
export type Level = Schemas["ToolLevel"];
export type Classification = Schemas["ToolClassification"];
export type Permission = Schemas["ToolPermission"];
export type Decision = Schemas["ToolReviewDecision"];

export const FILTERS = ["q", "status", "classification", "mcp_server"] as const;
export type Filter = (typeof FILTERS)[number];
export type ToolFilters = Partial<Record<Filter, string>>;
export const DEFAULT_SORT = "name";

const PAGE = 100;
const MOST = 200;
const MOST_PAGES = 10;

export function toolsQuery(filters: ToolFilters, sort: string, limit = PAGE) {
  return infiniteQueryOptions({
    queryKey: ["tools", "list", filters, sort, limit],
    queryFn: ({ pageParam: cursor, signal }) =>
      data(
        api.GET("/v1/tools", {
          params: { query: { ...filters, sort, limit, ...(cursor ? { cursor } : {}) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
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

/** Names of servers, to filter by. */
export const serverNamesQuery = queryOptions({
  queryKey: ["tools", "servers"],
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

/** All pages of a list, as far as anybody's goes. */
async function all<Page extends { next_cursor: string | null }>(
  read: (query: { limit: number; cursor?: string }) => Promise<Page>,
): Promise<Page[]> {
  const pages: Page[] = [];
  let cursor: string | null | undefined;
  do {
    const page: Page = await read({ limit: MOST, ...(cursor ? { cursor } : {}) });
    pages.push(page);
    cursor = page.next_cursor;
  } while (cursor && pages.length < MOST_PAGES);
  return pages;
}

/** What administrators have said of tools; patterns are compared here, since the API compares them as texts. */
export const classificationsQuery = queryOptions({
  queryKey: ["tools", "classifications"],
  queryFn: async ({ signal }) => {
    const pages = await all((query) =>
      data(api.GET("/v1/tool-classifications", { params: { query }, signal })),
    );
    return pages.flatMap((page) => page.tool_classifications);
  },
});

export const permissionsQuery = queryOptions({
  queryKey: ["tools", "permissions"],
  queryFn: async ({ signal }) => {
    const pages = await all((query) => data(api.GET("/v1/tool-permissions", { params: { query }, signal })));
    return pages.flatMap((page) => page.tool_permissions);
  },
});

/** What would become of a call by this person. */
export function checkQuery(tool: Pick<Tool, "mcp_server" | "name">, userId: string) {
  return queryOptions({
    queryKey: ["tools", "check", tool.mcp_server, tool.name, userId],
    queryFn: ({ signal }) =>
      data(
        api.POST("/v1/tool-permissions/check", {
          body: { mcp_server: tool.mcp_server, tool_name: tool.name ?? "", user_id: userId },
          signal,
        }),
      ),
  });
}

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

/** What a subject of a permission is called; null where it may not be read. */
export function subjectQuery(type: Permission["subject_type"], id: string) {
  return queryOptions({
    queryKey: ["tools", "subject", type, id],
    queryFn: async ({ signal }) => {
      const options = { params: { path: { id } }, signal };
      if (type === "user") return (await data(api.GET("/v1/users/{id}", options))).name;
      if (type === "team") return (await data(api.GET("/v1/teams/{id}", options))).name;
      return (await data(api.GET("/v1/api-keys/{id}", options))).name;
    },
    staleTime: 60_000,
    retry: false,
  });
}
