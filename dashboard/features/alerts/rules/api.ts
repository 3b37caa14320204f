import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";
import type { Period } from "@/lib/time-range/time-range";
import { REFRESH_MS } from "@/features/alerts/api";

export type Rule = Schemas["AlertRule"];
export type RuleForm = Schemas["AlertRuleForm"];
export type Preview = Schemas["AlertRulePreview"];

export const FILTERS = ["q", "state", "severity", "metric", "channel_id"] as const;
export type Filter = (typeof FILTERS)[number];
export type RuleFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-created_at";

export function rulesQuery(filters: RuleFilters, sort: string) {
  return pagedQuery(
    ["alerts", "rules", "list", filters, sort],
    (page, signal) =>
      data(api.GET("/v1/alerts/rules", { params: { query: { ...filters, sort, ...page } }, signal })),
    { refetchInterval: REFRESH_MS },
  );
}

export function ruleQuery(id: string) {
  return queryOptions({
    queryKey: ["alerts", "rules", "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/alerts/rules/{id}", { params: { path: { id } }, signal })),
    refetchInterval: REFRESH_MS,
  });
}

/** What a rule would have measured, and when it would have fired. Null: it cannot be tried like this. */
export function previewQuery(body: RuleForm | null, period: Period) {
  return queryOptions({
    queryKey: ["alerts", "rules", "preview", body, period],
    queryFn: ({ signal }) => {
      if (!body) throw new Error("There is no threshold to try.");
      const { metric, condition, threshold, window_minutes, for_minutes, filters } = body;
      const tried = { metric, condition, threshold, window_minutes, for_minutes, filters, period };
      return data(api.POST("/v1/alerts/rules/preview", { body: tried, signal }));
    },
    enabled: body !== null,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function saveRule(rule: Rule | undefined, version: number | undefined, body: RuleForm) {
  if (!rule) return data(api.POST("/v1/alerts/rules", { body }));
  const params = { path: { id: rule.id } };
  return data(api.PATCH("/v1/alerts/rules/{id}", { params, headers: ifMatch(version), body }));
}

export function switchRule({ id, version }: Rule, enabled: boolean) {
  return data(
    api.PATCH("/v1/alerts/rules/{id}", {
      params: { path: { id } },
      headers: ifMatch(version),
      body: { enabled },
    }),
  );
}

export async function deleteRule({ id, version }: Rule): Promise<void> {
  await api.DELETE("/v1/alerts/rules/{id}", { params: { path: { id } }, headers: ifMatch(version) });
}

/** Opens an alert that is marked as a test, and tells the rule's channels. */
export function sendTest(rule_id: string) {
  return data(api.POST("/v1/alerts/test", { body: { rule_id } }));
}
