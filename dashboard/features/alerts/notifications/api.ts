import { api, data, type Schemas } from "@/lib/api/client";
import { pagedQuery } from "@/lib/api/paged";
import type { TimeRange } from "@/lib/time-range/time-range";
import { REFRESH_MS } from "@/features/alerts/api";

export type Notification = Schemas["AlertNotification"];

export const FILTERS = ["status", "event", "channel_id"] as const;
export type Filter = (typeof FILTERS)[number];
export type NotificationFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-created_at";

type Which = Partial<TimeRange> & NotificationFilters & { alert_id?: string };

export function notificationsQuery(which: Which, sort: string) {
  return pagedQuery(
    ["alerts", "notifications", which, sort],
    (page, signal) =>
      data(api.GET("/v1/alerts/notifications", { params: { query: { ...which, sort, ...page } }, signal })),
    { refetchInterval: REFRESH_MS },
  );
}

export const EVENTS: Record<Notification["event"], string> = {
  firing: "It fires",
  renotified: "It still fires",
  acknowledged: "It is acknowledged",
  resolved: "It is over",
};
