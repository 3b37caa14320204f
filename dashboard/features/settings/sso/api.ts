import { queryOptions } from "@tanstack/react-query";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";
import { unflatten, type Values } from "@/features/settings/form/values";
import { api, data, type Schemas } from "@/lib/api/client";

export type Provider = Schemas["SsoProvider"];
export type GroupMapping = Schemas["SsoGroupMapping"];
export type Trial = Schemas["SsoProviderTrial"];

export const PROVIDER_FILTERS = ["q", "type", "enabled"] as const;
export type ProviderFilters = Partial<Record<(typeof PROVIDER_FILTERS)[number], string>>;
export const PROVIDERS_SORT = "-created_at";
export const PROVIDERS_KEY = ["settings", "sso"] as const;

export function providersQuery(filters: ProviderFilters, sort: string) {
  return pagedQuery([...PROVIDERS_KEY, "list", filters, sort], (page, signal) =>
    data(api.GET("/v1/sso/providers", { params: { query: { ...page, ...filters, sort } }, signal })),
  );
}

export function providerQuery(id: string) {
  return queryOptions({
    queryKey: [...PROVIDERS_KEY, "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/sso/providers/{id}", { params: { path: { id } }, signal })),
  });
}

export function createProvider(form: Values) {
  return data(api.POST("/v1/sso/providers", { body: unflatten(form) as Schemas["SsoProviderForm"] }));
}

export function updateProvider(id: string, changes: Values, version: number | null) {
  const body = unflatten(changes) as Schemas["SsoProviderPatch"];
  return data(
    api.PATCH("/v1/sso/providers/{id}", { params: { path: { id } }, body, headers: ifMatch(version) }),
  );
}

export function deleteProvider({ id, version }: Provider) {
  return data(api.DELETE("/v1/sso/providers/{id}", { params: { path: { id } }, headers: ifMatch(version) }));
}

/** What it says of itself; asked for by a person, and of what is saved. */
export function trialQuery({ id, version }: Provider) {
  return queryOptions({
    queryKey: [...PROVIDERS_KEY, "trial", id, version],
    queryFn: ({ signal }) =>
      data(api.POST("/v1/sso/providers/{id}/test", { params: { path: { id } }, signal })),
    staleTime: Infinity,
    retry: false,
  });
}
