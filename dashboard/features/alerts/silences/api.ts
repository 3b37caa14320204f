import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";
import { REFRESH_MS } from "@/features/alerts/api";

export type Silence = Schemas["AlertSilence"];
export type SilenceForm = Schemas["AlertSilenceForm"];

export const FILTERS = ["q", "active", "rule_id"] as const;
export type Filter = (typeof FILTERS)[number];
export type SilenceFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-created_at";

export function silencesQuery({ active, ...filters }: SilenceFilters, sort: string) {
  const which = { ...filters, ...(active ? { active: active === "true" } : {}) };
  return pagedQuery(
    ["alerts", "silences", "list", which, sort],
    (page, signal) =>
      data(api.GET("/v1/alerts/silences", { params: { query: { ...which, sort, ...page } }, signal })),
    { refetchInterval: REFRESH_MS },
  );
}

export function silenceQuery(id: string) {
  return queryOptions({
    queryKey: ["alerts", "silences", "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/alerts/silences/{id}", { params: { path: { id } }, signal })),
    staleTime: 0,
  });
}

export function saveSilence(silence: Silence | undefined, version: number | undefined, body: SilenceForm) {
  if (!silence) return data(api.POST("/v1/alerts/silences", { body }));
  const params = { path: { id: silence.id } };
  return data(api.PATCH("/v1/alerts/silences/{id}", { params, headers: ifMatch(version), body }));
}

export function endSilence({ id, version }: Silence) {
  const body = { ends_at: new Date().toISOString() };
  return data(
    api.PATCH("/v1/alerts/silences/{id}", { params: { path: { id } }, headers: ifMatch(version), body }),
  );
}

export async function deleteSilence({ id, version }: Silence): Promise<void> {
  await api.DELETE("/v1/alerts/silences/{id}", { params: { path: { id } }, headers: ifMatch(version) });
}
