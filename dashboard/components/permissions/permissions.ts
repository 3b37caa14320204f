import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";

export type Permission = Schemas["Permission"];

/** All that can be granted, as the API explains it. It changes with releases only. */
export const permissionsQuery = queryOptions({
  queryKey: ["permissions"],
  queryFn: async ({ signal }) => {
    const query = { limit: 200 };
    return (await data(api.GET("/v1/permissions", { params: { query }, signal }))).permissions;
  },
  staleTime: Infinity,
});

/** By category, in the order in which they come. */
export function byCategory<One extends Permission>(permissions: readonly One[]): [string, One[]][] {
  const groups = new Map<string, One[]>();
  for (const one of permissions) groups.set(one.category, [...(groups.get(one.category) ?? []), one]);
  return [...groups];
}
