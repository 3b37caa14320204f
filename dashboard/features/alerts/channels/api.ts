import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";
import { REFRESH_MS } from "@/features/alerts/api";

export type Channel = Schemas["AlertChannel"];
export type ChannelType = Schemas["AlertChannelType"];
export type ChannelForm = Schemas["AlertChannelForm"];
export type Trial = Schemas["AlertChannelTrial"];

export const FILTERS = ["q", "type"] as const;
export type Filter = (typeof FILTERS)[number];
export type ChannelFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-created_at";

export function channelsQuery(filters: ChannelFilters, sort: string) {
  return pagedQuery(
    ["alerts", "channels", "list", filters, sort],
    (page, signal) =>
      data(api.GET("/v1/alerts/channels", { params: { query: { ...filters, sort, ...page } }, signal })),
    { refetchInterval: REFRESH_MS },
  );
}

export function channelQuery(id: string) {
  return queryOptions({
    queryKey: ["alerts", "channels", "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/alerts/channels/{id}", { params: { path: { id } }, signal })),
    // What is written in a form must not change under the writer's hands.
    staleTime: 0,
  });
}

export function createChannel(body: ChannelForm) {
  return data(api.POST("/v1/alerts/channels", { body }));
}

export function updateChannel(id: string, version: number | undefined, body: Schemas["AlertChannelPatch"]) {
  return data(
    api.PATCH("/v1/alerts/channels/{id}", { params: { path: { id } }, headers: ifMatch(version), body }),
  );
}

export async function deleteChannel({ id, version }: Channel): Promise<void> {
  await api.DELETE("/v1/alerts/channels/{id}", { params: { path: { id } }, headers: ifMatch(version) });
}

/** Sends something by it that is marked as a test, and says what came of it. */
export function tryChannel(id: string) {
  return data(api.POST("/v1/alerts/channels/{id}/test", { params: { path: { id } } }));
}
