import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import type { TimeRange } from "@/lib/time-range/time-range";
import { REFRESH_MS } from "@/features/alerts/api";

export type Notification = Schemas["AlertNotification"];

export const FILTERS = ["status", "event", "channel_id"] as const;
export type Filter = (typeof FILTERS)[number];
export type NotificationFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-created_at";

type Which = Partial<TimeRange> & NotificationFilters & { alert_id?: string };

export function notificationsQuery(which: Which, sort: string) {
  return infiniteQueryOptions({
    queryKey: ["alerts", "notifications", which, sort],
    queryFn: ({ pageParam: cursor, signal }) =>
      data(
        api.GET("/v1/alerts/notifications", {
          params: { query: { ...which, sort, limit: 100, ...(cursor ? { cursor } : {}) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

export const EVENTS: Record<Notification["event"], string> = {
  firing: "It fires",
  renotified: "It still fires",
  acknowledged: "It is acknowledged",
  resolved: "It is over",
};
