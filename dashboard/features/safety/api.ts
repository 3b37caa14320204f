import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";
import type { TimeRange } from "@/lib/time-range/time-range";

export type Policy = Schemas["SafetyPolicy"];
export type PolicyForm = Schemas["SafetyPolicyForm"];
export type Detection = Schemas["Detection"];
export type Summary = Schemas["SafetySummary"];
export type Verdict = Schemas["SafetyTest"];

export const POLICY_FILTERS = ["q", "mode", "enabled"] as const;
export type PolicyFilter = (typeof POLICY_FILTERS)[number];

export const DETECTION_FILTERS = [
  "type",
  "severity",
  "action",
  "direction",
  "disposition",
  "mcp_server",
  "tool_name",
  "policy_id",
  "api_key_id",
  "user_id",
  "trace_id",
] as const;
export type DetectionFilter = (typeof DETECTION_FILTERS)[number];

export const POLICY_SORT = "name";
export const DETECTION_SORT = "-created_at";

export function policiesQuery(filters: Partial<Record<PolicyFilter, string>>, sort: string) {
  return pagedQuery(["safety", "policies", filters, sort], (page, signal) =>
    data(api.GET("/v1/safety-policies", { params: { query: { ...filters, sort, ...page } }, signal })),
  );
}

export function policyQuery(id: string) {
  return queryOptions({
    queryKey: ["safety", "policy", id],
    queryFn: ({ signal }) => data(api.GET("/v1/safety-policies/{id}", { params: { path: { id } }, signal })),
  });
}

export function createPolicy(body: PolicyForm) {
  return data(api.POST("/v1/safety-policies", { body }));
}

/** Only what it was when it was read: somebody else's change is not written over. */
export function updatePolicy({ id, version }: Pick<Policy, "id" | "version">, body: Partial<PolicyForm>) {
  return data(
    api.PATCH("/v1/safety-policies/{id}", { params: { path: { id } }, body, headers: ifMatch(version) }),
  );
}

export function deletePolicy({ id, version }: Pick<Policy, "id" | "version">) {
  return data(
    api.DELETE("/v1/safety-policies/{id}", { params: { path: { id } }, headers: ifMatch(version) }),
  );
}

export function detectionsQuery(
  range: TimeRange,
  filters: Partial<Record<DetectionFilter, string>>,
  sort: string,
) {
  return pagedQuery(["safety", "detections", range, filters, sort], (page, signal) => {
    const query = { ...range, ...filters, sort, ...page };
    return data(api.GET("/v1/safety/detections", { params: { query }, signal }));
  });
}

export function detectionQuery(id: string) {
  return queryOptions({
    queryKey: ["safety", "detection", id],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/safety/detections/{id}", { params: { path: { id } }, signal })),
  });
}

export function judge(id: string, body: Schemas["DetectionPatch"]) {
  return data(api.PATCH("/v1/safety/detections/{id}", { params: { path: { id } }, body }));
}

/** A link that downloads the detections, by the same filters. */
export function exportHref(
  format: "csv" | "jsonl",
  range: TimeRange,
  filters: Partial<Record<DetectionFilter, string>>,
): string {
  return `/v1/safety/detections/export?${new URLSearchParams({ format, ...range, ...filters }).toString()}`;
}

export function summaryQuery(range: TimeRange) {
  return queryOptions({
    queryKey: ["safety", "summary", range],
    queryFn: ({ signal }) => data(api.GET("/v1/safety/summary", { params: { query: range }, signal })),
    placeholderData: keepPreviousData,
  });
}

export interface Trial {
  /** A text, or JSON of any kind. */
  input: unknown;
  direction: Schemas["SafetyDirection"];
  mcp_server?: string;
  tool_name?: string;
  policy_id?: string;
  policy?: PolicyForm;
}

/** Nothing is recorded by it. */
export function tryText({ input, ...rest }: Trial) {
  // The document calls any JSON an empty object.
  const body = { ...rest, input: input as Schemas["SafetyTestForm"]["input"] };
  return data(api.POST("/v1/safety/test", { body }));
}
