import { queryOptions } from "@tanstack/react-query";
import { pagesQuery } from "@/features/settings/api";
import { ifMatch } from "@/lib/api/if-match";
import { unflatten, type Values } from "@/features/settings/form/values";
import { api, data, type Schemas } from "@/lib/api/client";

export type Provider = Schemas["SsoProvider"];
export type GroupMapping = Schemas["SsoGroupMapping"];
export type Trial = Schemas["SsoProviderTrial"];

export const PROVIDER_FILTERS = ["q", "type", "enabled"] as const;
export type ProviderFilters = Partial<Record<(typeof PROVIDER_FILTERS)[number], string>>;
export const PROVIDERS_SORT = "-created_at";
export const PROVIDERS_KEY = ["settings", "sso"] as const;

/** The most that one page has; more roles or teams are shown by their ids. */
const MOST = 200;

export function providersQuery(filters: ProviderFilters, sort: string) {
  return pagesQuery([...PROVIDERS_KEY, "list", filters, sort], (page, signal) =>
    data(api.GET("/v1/sso/providers", { params: { query: { ...page, ...filters, sort } }, signal })),
  );
}

export function providerQuery(id: string) {
  return queryOptions({
    queryKey: [...PROVIDERS_KEY, "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/sso/providers/{id}", { params: { path: { id } }, signal })),
  });
}

export const rolesQuery = queryOptions({
  queryKey: [...PROVIDERS_KEY, "roles"],
  queryFn: async ({ signal }) => {
    const found = await data(
      api.GET("/v1/roles", { params: { query: { limit: MOST, sort: "name" } }, signal }),
    );
    return found.roles;
  },
});

export const teamsQuery = queryOptions({
  queryKey: [...PROVIDERS_KEY, "teams"],
  queryFn: async ({ signal }) => {
    const found = await data(
      api.GET("/v1/teams", { params: { query: { limit: MOST, sort: "name" } }, signal }),
    );
    return found.teams;
  },
});

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
