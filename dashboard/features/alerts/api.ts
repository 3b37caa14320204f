import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { pagedQuery } from "@/lib/api/paged";
import type { TimeRange } from "@/lib/time-range/time-range";

export type Alert = Schemas["Alert"];
export type Severity = Schemas["AlertSeverity"];

/** Filters of the list, as the API and the URL name them. */
export const FILTERS = ["severity", "metric", "rule_id", "is_test"] as const;
export type Filter = (typeof FILTERS)[number];
export type AlertFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-started_at";
export const REFRESH_MS = 15_000;

/** Which alerts a list is of. Those that are open are shown whatever the range of time. */
export type Which = "active" | "past" | "all";

const STATUSES: Record<Which, string | undefined> = {
  active: "firing,acknowledged",
  past: "resolved",
  all: undefined,
};

export function alertsQuery(which: Which, range: TimeRange, filters: AlertFilters, sort: string) {
  const status = STATUSES[which];
  const query = {
    ...(which === "active" ? {} : range),
    ...(status ? { status } : {}),
    ...filters,
    sort,
  };
  return pagedQuery(
    ["alerts", "list", query],
    (page, signal) => data(api.GET("/v1/alerts", { params: { query: { ...query, ...page } }, signal })),
    { refetchInterval: REFRESH_MS },
  );
}

export const summaryQuery = queryOptions({
  queryKey: ["alerts", "summary"],
  queryFn: ({ signal }) => data(api.GET("/v1/alerts/summary", { signal })),
  refetchInterval: REFRESH_MS,
});

export function alertQuery(id: string) {
  return queryOptions({
    queryKey: ["alerts", "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/alerts/{id}", { params: { path: { id } }, signal })),
    refetchInterval: REFRESH_MS,
  });
}

export type AlertAction = "acknowledge" | "resolve";

export function actOnAlert(id: string, action: AlertAction, note: string): Promise<Alert> {
  const asked = { params: { path: { id } }, body: { note: note.trim() || null } };
  return action === "acknowledge"
    ? data(api.POST("/v1/alerts/{id}/acknowledge", asked))
    : data(api.POST("/v1/alerts/{id}/resolve", asked));
}
