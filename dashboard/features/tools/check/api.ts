import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";

export type CheckForm = Schemas["ToolPermissionCheckForm"];
export type Check = Schemas["ToolPermissionCheck"];
export type Matched = Schemas["MatchedToolRule"];

/** Answers change with every rule about tools. */
export const CHECK_KEY = ["tools", "check"];

/** What would become of a call, by the proxies' own rules. Nothing is recorded by it. */
export function checkQuery(body: CheckForm) {
  return queryOptions({
    queryKey: [...CHECK_KEY, body],
    queryFn: ({ signal }) => data(api.POST("/v1/tool-permissions/check", { body, signal })),
  });
}
