import { queryOptions, keepPreviousData, type QueryClient } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { pagedQuery } from "@/lib/api/paged";
import type { TimeRange } from "@/lib/time-range/time-range";

export type Approval = Schemas["Approval"];

/** Filters of the history, as the API and the URL name them. */
export const FILTERS = ["status", "mcp_server", "tool_name", "requested_by", "team_id"] as const;
export type Filter = (typeof FILTERS)[number];
export type ApprovalFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-created_at";
export const PENDING = "pending";

/** Somebody's agent waits: what is new is seen within this time. */
const REFRESH_MS = 5000;

/** Those that wait, whose time is up first: first. Of any time, whatever range the page has. */
export const pendingQuery = pagedQuery(
  ["approvals", PENDING],
  (page, signal) => {
    const query = { status: PENDING, sort: "expires_at", ...page };
    return data(api.GET("/v1/approvals", { params: { query }, signal }));
  },
  { limit: 50, refetchInterval: REFRESH_MS },
);

export function historyQuery(range: TimeRange, filters: ApprovalFilters, sort: string) {
  return pagedQuery(["approvals", "history", range, filters, sort], (page, signal) => {
    const query = { ...range, ...filters, sort, ...page };
    return data(api.GET("/v1/approvals", { params: { query }, signal }));
  });
}

export function summaryQuery(range: TimeRange) {
  return queryOptions({
    queryKey: ["approvals", "summary", range],
    queryFn: ({ signal }) => data(api.GET("/v1/approvals/summary", { params: { query: range }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** One, kept fresh while it waits: somebody else may decide. */
export function approvalQuery(id: string) {
  return queryOptions({
    queryKey: ["approvals", "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/approvals/{id}", { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.status === PENDING ? REFRESH_MS : false),
  });
}

const at = (id: string) => ({ params: { path: { id } } });

export function approve(id: string, body: Schemas["ApprovalApproveForm"]) {
  return data(api.POST("/v1/approvals/{id}/approve", { ...at(id), body }));
}

export function deny(id: string, note: string) {
  return data(api.POST("/v1/approvals/{id}/deny", { ...at(id), body: { note } }));
}

export function cancel(id: string) {
  return data(api.POST("/v1/approvals/{id}/cancel", { ...at(id), body: {} }));
}

export interface Request {
  mcp_server: string;
  tool_name: string;
  arguments: Record<string, unknown>;
  reason: string;
  api_key_id?: string;
}

export function requestApproval({ arguments: given, ...rest }: Request) {
  // The document calls any object an empty one.
  const body = { ...rest, arguments: given as Schemas["ApprovalForm"]["arguments"] };
  return data(api.POST("/v1/approvals", { body }));
}

/** After a decision: the one as it is now, and every list anew, the count on the overview too. */
export function remember(client: QueryClient, approval: Approval): void {
  client.setQueryData(approvalQuery(approval.id).queryKey, approval);
  refresh(client);
}

export function refresh(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: ["approvals"] });
}
