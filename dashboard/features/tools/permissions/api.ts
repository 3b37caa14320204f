import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";

export type Permission = Schemas["ToolPermission"];
export type PermissionForm = Required<Schemas["ToolPermissionForm"]>;
export type PermissionPatch = Schemas["ToolPermissionPatch"];
export type ArgumentRule = Schemas["ArgumentRule"];
export type Subject = Schemas["ToolPermissionSubject"];

/** Filters of the list, as the URL names them; patterns are compared as they are written, not by what they fit. */
export const FILTERS = [
  "q",
  "effect",
  "subject_type",
  "subject_id",
  "server_pattern",
  "tool_pattern",
] as const;
export type Filter = (typeof FILTERS)[number];
export type PermissionFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-created_at";
const MOST = 200;

/** All lists of them are below this. */
export const LISTS_KEY = ["tools", "permissions"];

export function permissionListQuery(filters: PermissionFilters, sort: string) {
  const { server_pattern: mcp_server, tool_pattern: tool_name, ...rest } = filters;
  return pagedQuery([...LISTS_KEY, "list", filters, sort], (page, signal) => {
    const query = { ...rest, mcp_server, tool_name, sort, ...page };
    return data(api.GET("/v1/tool-permissions", { params: { query }, signal }));
  });
}

export function permissionQuery(id: string) {
  return queryOptions({
    queryKey: ["tools", "permission", id],
    queryFn: ({ signal }) => data(api.GET("/v1/tool-permissions/{id}", { params: { path: { id } }, signal })),
  });
}

export function createPermission(body: PermissionForm): Promise<Permission> {
  return data(api.POST("/v1/tool-permissions", { body }));
}

export function updatePermission(
  id: string,
  version: number | undefined,
  body: PermissionPatch,
): Promise<Permission> {
  const options = { params: { path: { id } }, headers: ifMatch(version), body };
  return data(api.PATCH("/v1/tool-permissions/{id}", options));
}

export async function deletePermission({ id, version }: Permission): Promise<void> {
  await api.DELETE("/v1/tool-permissions/{id}", { params: { path: { id } }, headers: ifMatch(version) });
}

/** The tools of one server with their schemas, to choose tools and arguments from: the first by name. */
export function serverToolsQuery(server: string) {
  return queryOptions({
    queryKey: ["tools", "of-server", server],
    queryFn: async ({ signal }) => {
      const query = { mcp_server: server, sort: "name", limit: MOST };
      return (await data(api.GET("/v1/tools", { params: { query }, signal }))).tools;
    },
    staleTime: 60_000,
  });
}
