import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { pagedQuery } from "@/lib/api/paged";
import type { TimeRange } from "@/lib/time-range/time-range";

export type Span = Schemas["Span"];
export type Trace = Schemas["Trace"];

/** Filters of the list, as the API and the URL name them. */
export const FILTERS = [
  "q",
  "status",
  "mcp_server",
  "tool_name",
  "environment",
  "error_type",
  "min_duration_ms",
  "user_id",
  "team_id",
  "api_key_id",
  "session_id",
] as const;

export type Filter = (typeof FILTERS)[number];
export type TraceFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-started_at";

const FACETS = ["status", "mcp_server", "tool_name", "environment", "error_type"] as const;
export type Facet = (typeof FACETS)[number];

function listQuery(range: TimeRange, { min_duration_ms: least, ...filters }: TraceFilters) {
  return { ...range, ...filters, ...(least ? { min_duration_ms: Number(least) } : {}) };
}

export function tracesQuery(range: TimeRange, filters: TraceFilters, sort: string) {
  return pagedQuery(["traces", "list", range, filters, sort], (page, signal) => {
    const query = { ...listQuery(range, filters), sort, ...page };
    return data(api.GET("/v1/traces", { params: { query }, signal }));
  });
}

export function statsQuery(range: TimeRange, filters: TraceFilters) {
  return queryOptions({
    queryKey: ["traces", "stats", range, filters],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/traces/stats", { params: { query: listQuery(range, filters) }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** The commonest values to filter by, of what the other filters (text, duration) leave. */
export function facetsQuery(range: TimeRange, { q, min_duration_ms }: TraceFilters) {
  const filters = listQuery(range, { ...(q && { q }), ...(min_duration_ms && { min_duration_ms }) });
  return queryOptions({
    queryKey: ["traces", "facets", filters],
    queryFn: async ({ signal }) => {
      // The range of time is taken among the filters, which the document does not say.
      const body = { filters: filters as Schemas["TraceFilters"], facets: [...FACETS], limit: 1 };
      const found = await data(api.POST("/v1/traces/search", { body, signal }));
      return found.facets as Record<Facet, Schemas["FacetValue"][] | undefined>;
    },
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** A link that downloads the list, by the same filters. */
export function exportHref(range: TimeRange, filters: TraceFilters): string {
  const query = new URLSearchParams({ format: "csv" });
  for (const [name, value] of Object.entries(listQuery(range, filters))) query.set(name, String(value));
  return `/v1/traces/export?${query.toString()}`;
}

/** A trace, or none whose id is no id. */
export function traceQuery(id: string) {
  return queryOptions({
    queryKey: ["traces", "one", id],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/traces/{trace_id}", { params: { path: { trace_id: id } }, signal })),
  });
}

/** What a call was given and gave back. Reading it is audited: it is asked for once, and by a person. */
export function payloadQuery({ trace_id, span_id }: Pick<Span, "trace_id" | "span_id">) {
  return queryOptions({
    queryKey: ["traces", "payload", trace_id, span_id],
    queryFn: ({ signal }) =>
      data(
        api.GET("/v1/traces/{trace_id}/spans/{span_id}/payload", {
          params: { path: { trace_id, span_id } },
          signal,
        }),
      ),
    staleTime: Infinity,
  });
}
