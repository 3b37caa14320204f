import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/lib/api/client";

/** The most that one page has; more are rare, and those that are chosen are shown anyhow. */
const MOST = 200;

export const channelsQuery = queryOptions({
  queryKey: ["settings", "channels"],
  queryFn: async ({ signal }) => {
    const found = await data(
      api.GET("/v1/alerts/channels", { params: { query: { limit: MOST, sort: "name" } }, signal }),
    );
    return found.channels;
  },
});
