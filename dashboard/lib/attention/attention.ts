// What waits for a person, counted: on the overview, and beside the pages where it is decided.
import { queryOptions, type QueryKey } from "@tanstack/react-query";
import { api, data } from "@/lib/api/client";

const REFRESH_MS = 15_000;

/** Those that the reader may see. */
export const pendingApprovalsQuery = counted(
  ["approvals", "waiting-count"],
  async (signal) => (await data(api.GET("/v1/approvals/summary", { signal }))).pending,
);

export const firingAlertsQuery = counted(
  ["alerts", "waiting-count"],
  async (signal) => (await data(api.GET("/v1/alerts/summary", { signal }))).firing,
);

/** Definitions of tools that nobody has reviewed since they appeared or changed. */
export const driftQuery = counted(["tools", "waiting-count"], async (signal) => {
  const query = { status: "new,changed", limit: 1 };
  return (await data(api.GET("/v1/tools", { params: { query }, signal }))).total ?? 0;
});

function counted(queryKey: QueryKey, count: (signal: AbortSignal) => Promise<number>) {
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => count(signal),
    refetchInterval: REFRESH_MS,
  });
}
