import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import type { TimeRange } from "@/lib/time-range/time-range";

export type Overview = Schemas["Overview"];
export type ChartPoint = Schemas["ChartPoint"];
export type TopServer = Schemas["TopServer"];

/** The page goes on by itself: what is on it is no older than this. */
const REFRESH_MS = 15_000;

export const STEP_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

export function overviewQuery(range: TimeRange) {
  return queryOptions({
    queryKey: ["overview", "figures", range],
    queryFn: ({ signal }) => data(api.GET("/v1/metrics/overview", { params: { query: range }, signal })),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

export function chartQuery(range: TimeRange) {
  return queryOptions({
    queryKey: ["overview", "chart", range],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/metrics/requests-chart", { params: { query: range }, signal })),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

export function topServersQuery(range: TimeRange) {
  return queryOptions({
    queryKey: ["overview", "top-servers", range],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/metrics/top-servers", { params: { query: { ...range, limit: 6 } }, signal })),
    refetchInterval: REFRESH_MS * 2,
    placeholderData: keepPreviousData,
  });
}

export const recentQuery = queryOptions({
  queryKey: ["overview", "recent"],
  queryFn: ({ signal }) =>
    data(api.GET("/v1/metrics/recent-traces", { params: { query: { limit: 8 } }, signal })),
  refetchInterval: REFRESH_MS / 3,
});

export const illServersQuery = queryOptions({
  queryKey: ["overview", "ill-servers"],
  queryFn: ({ signal }) =>
    data(
      api.GET("/v1/mcp-servers", {
        params: { query: { health: "degraded,unhealthy", enabled: "true", limit: 20 } },
        signal,
      }),
    ),
  refetchInterval: REFRESH_MS * 2,
});
