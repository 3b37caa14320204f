import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";
import { namesChanged } from "@/lib/directory/directory";
import type { TimeRange } from "@/lib/time-range/time-range";

export type ApiKey = Schemas["ApiKey"];
export type IssuedKey = Schemas["IssuedKey"];
export type ApiKeyUsage = Schemas["ApiKeyUsage"];
export type KeyBody = Schemas["ApiKeyForm"];
export type KeyPatch = Schemas["ApiKeyPatch"];

export const FILTERS = ["q", "status", "environment", "team_id", "user_id"] as const;
export type Filter = (typeof FILTERS)[number];
export type KeyFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-created_at";

export function keysQuery(filters: KeyFilters, sort: string) {
  return pagedQuery(["keys", "list", filters, sort], (page, signal) =>
    data(api.GET("/v1/api-keys", { params: { query: { ...filters, sort, ...page } }, signal })),
  );
}

export function keyQuery(id: string) {
  return queryOptions({
    queryKey: ["keys", "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/api-keys/{id}", { params: { path: { id } }, signal })),
  });
}

export function usageQuery(id: string, range: TimeRange) {
  return queryOptions({
    queryKey: ["keys", "usage", id, range],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/api-keys/{id}/usage", { params: { path: { id }, query: range }, signal })),
  });
}

export function createKey(body: KeyBody) {
  return data(api.POST("/v1/api-keys", { body }));
}

export function updateKey({ id, version }: ApiKey, body: KeyPatch) {
  return data(api.PATCH("/v1/api-keys/{id}", { params: { path: { id } }, headers: ifMatch(version), body }));
}

export function rotateKey({ id }: ApiKey, body: Schemas["RotateApiKeyForm"]) {
  return data(api.POST("/v1/api-keys/{id}/rotate", { params: { path: { id } }, body }));
}

export function revokeKey({ id }: ApiKey, reason: string) {
  const body = reason ? { reason } : {};
  return data(api.POST("/v1/api-keys/{id}/revoke", { params: { path: { id } }, body }));
}

export async function keysChanged(client: QueryClient): Promise<void> {
  await Promise.all([client.invalidateQueries({ queryKey: ["keys"] }), namesChanged(client, "api_key")]);
}
