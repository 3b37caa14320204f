import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { pagedQuery } from "@/lib/api/paged";
import type { TimeRange } from "@/lib/time-range/time-range";
import { shareOf, type Share } from "./share";

export type DailyCost = Schemas["DailyCost"];
export type CostSummary = Schemas["CostSummary"];

/** Filters of costs, as the API and the URL name them. */
export const FILTERS = [
  "mcp_server",
  "tool_name",
  "team_id",
  "user_id",
  "api_key_id",
  "environment",
] as const;

export type Filter = (typeof FILTERS)[number];
export type CostFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-total_cost";
export const CHARGES_SORT = "-created_at";

/** What costs can be parted by. */
export type By = "server" | "team" | "user" | "tool" | "key";

export function summaryQuery(range: TimeRange, filters: CostFilters) {
  return queryOptions({
    queryKey: ["costs", "summary", range, filters],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/costs/summary", { params: { query: { ...range, ...filters } }, signal })),
    placeholderData: keepPreviousData,
  });
}

export function dailyQuery(range: TimeRange, filters: CostFilters) {
  return queryOptions({
    queryKey: ["costs", "daily", range, filters],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/costs/daily", { params: { query: { ...range, ...filters } }, signal })),
    placeholderData: keepPreviousData,
  });
}

type Query = TimeRange & CostFilters & { sort: string; limit: number; cursor?: string };
type Page = Schemas["CostSums"] & { rows: Share[] };

/** One page of parts, whatever they are parts by. */
async function sharesPage(by: By, query: Query, signal: AbortSignal): Promise<Page> {
  const asked = { params: { query }, signal };
  switch (by) {
    case "server": {
      const page = await data(api.GET("/v1/costs/by-server", asked));
      return { ...page, rows: page.servers.map(shareOf.server) };
    }
    case "team": {
      const page = await data(api.GET("/v1/costs/by-team", asked));
      return { ...page, rows: page.teams.map(shareOf.team) };
    }
    case "user": {
      const page = await data(api.GET("/v1/costs/by-user", asked));
      return { ...page, rows: page.users.map(shareOf.user) };
    }
    case "tool": {
      const page = await data(api.GET("/v1/costs/by-tool", asked));
      return { ...page, rows: page.tools.map(shareOf.tool) };
    }
    case "key": {
      const page = await data(api.GET("/v1/costs/by-key", asked));
      return { ...page, rows: page.keys.map(shareOf.key) };
    }
  }
}

export function sharesQuery(by: By, range: TimeRange, filters: CostFilters, sort: string) {
  return pagedQuery(["costs", "shares", by, range, filters, sort], (page, signal) =>
    sharesPage(by, { ...range, ...filters, sort, ...page }, signal),
  );
}

export type Charge = Schemas["Cost"];

/** What was charged, call by call. */
export function chargesQuery(range: TimeRange, filters: CostFilters, sort: string) {
  return pagedQuery(["costs", "charges", range, filters, sort], (page, signal) =>
    data(api.GET("/v1/costs", { params: { query: { ...range, ...filters, sort, ...page } }, signal })),
  );
}

/** What can be filtered by: the groups with the most requests, whatever the filters. */
export function choicesQuery(by: By, range: TimeRange) {
  return queryOptions({
    queryKey: ["costs", "choices", by, range],
    queryFn: async ({ signal }) =>
      (await sharesPage(by, { ...range, sort: "-total_requests", limit: 200 }, signal)).rows,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** A link that downloads the rows that were charged, by the same filters. */
export function exportHref(range: TimeRange, filters: CostFilters): string {
  const query = new URLSearchParams({ format: "csv" });
  for (const [name, value] of Object.entries({ ...range, ...filters })) query.set(name, value);
  return `/v1/costs/export?${query.toString()}`;
}
