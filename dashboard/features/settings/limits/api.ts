import { queryOptions } from "@tanstack/react-query";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";
import type { Values } from "@/features/settings/form/values";
import { api, data, type Schemas } from "@/lib/api/client";

export type RateLimit = Schemas["RateLimit"];

export const LIMIT_FILTERS = ["q", "scope_type", "kind", "enabled"] as const;
export type LimitFilters = Partial<Record<(typeof LIMIT_FILTERS)[number], string>>;
export const LIMITS_SORT = "-created_at";
export const LIMITS_KEY = ["settings", "rate-limits"] as const;

export function limitsQuery(filters: LimitFilters, sort: string) {
  return pagedQuery([...LIMITS_KEY, "list", filters, sort], (page, signal) =>
    data(api.GET("/v1/rate-limits", { params: { query: { ...page, ...filters, sort } }, signal })),
  );
}

export function limitQuery(id: string) {
  return queryOptions({
    queryKey: [...LIMITS_KEY, "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/rate-limits/{id}", { params: { path: { id } }, signal })),
  });
}

/** What is used right now of the limits in force; it moves while one looks. */
export const usageQuery = queryOptions({
  queryKey: [...LIMITS_KEY, "usage"],
  queryFn: ({ signal }) => data(api.GET("/v1/rate-limits/usage", { signal })),
  refetchInterval: 5000,
});

export function createLimit(form: Values) {
  return data(api.POST("/v1/rate-limits", { body: form as Schemas["RateLimitForm"] }));
}

export function updateLimit(id: string, changes: Values, version: number | null) {
  const body = changes as Schemas["RateLimitPatch"];
  return data(
    api.PATCH("/v1/rate-limits/{id}", { params: { path: { id } }, body, headers: ifMatch(version) }),
  );
}

export function deleteLimit({ id, version }: RateLimit) {
  return data(api.DELETE("/v1/rate-limits/{id}", { params: { path: { id } }, headers: ifMatch(version) }));
}
