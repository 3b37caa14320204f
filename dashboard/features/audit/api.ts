import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { pagedQuery } from "@/lib/api/paged";
import type { TimeRange } from "@/lib/time-range/time-range";

export type AuditLog = Schemas["AuditLog"];
export type Verification = Schemas["AuditVerification"];
export type SignedHead = Schemas["SignedAuditHead"];

/** Filters of the log, as the API and the URL name them. */
export const FILTERS = [
  "q",
  "action",
  "outcome",
  "actor_type",
  "resource_type",
  "resource_id",
  "actor_id",
  "ip_address",
  "request_id",
] as const;

export type Filter = (typeof FILTERS)[number];
export type AuditFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-created_at";

export function logQuery(range: TimeRange, filters: AuditFilters, sort: string) {
  return pagedQuery(["audit", "list", range, filters, sort], (page, signal) => {
    const query = { ...range, ...filters, sort, ...page };
    return data(api.GET("/v1/audit-logs", { params: { query }, signal }));
  });
}

export function entryQuery(id: string) {
  return queryOptions({
    queryKey: ["audit", "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/audit-logs/{id}", { params: { path: { id } }, signal })),
    // What is written is never changed.
    staleTime: Infinity,
  });
}

export function statsQuery(range: TimeRange, filters: AuditFilters) {
  return queryOptions({
    queryKey: ["audit", "stats", range, filters],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/audit-logs/stats", { params: { query: { ...range, ...filters } }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** A link that downloads the log, by the same filters. */
export function exportHref(format: "csv" | "jsonl", range: TimeRange, filters: AuditFilters): string {
  const query = new URLSearchParams({ format, ...range, ...filters });
  return `/v1/audit-logs/export?${query.toString()}`;
}

export const headQuery = queryOptions({
  queryKey: ["audit", "head"],
  queryFn: ({ signal }) => data(api.GET("/v1/audit-logs/head", { signal })),
});

export const keysQuery = queryOptions({
  queryKey: ["audit", "keys"],
  queryFn: ({ signal }) => data(api.GET("/v1/audit-logs/keys", { signal })),
});

/** Reads every row in between and computes its hash anew: that takes its time. */
export function verify(start_seq: number | undefined, end_seq: number | undefined) {
  return data(api.GET("/v1/audit-logs/verify", { params: { query: { start_seq, end_seq } } }));
}
