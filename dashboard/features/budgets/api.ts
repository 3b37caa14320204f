import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";

export type Budget = Schemas["Budget"];
export type BudgetForm = Schemas["BudgetForm"];
export type BudgetScope = Schemas["BudgetScope"];
export type BudgetUsage = Schemas["BudgetUsage"];
export type BudgetStatus = Schemas["BudgetStatus"];

/** Filters of the list, as the API and the URL name them. */
export const FILTERS = ["q", "scope_type", "enforce", "enabled"] as const;
export type Filter = (typeof FILTERS)[number];
export type BudgetFilters = Partial<Record<Filter, string>>;

export const DEFAULT_SORT = "-created_at";
/** Calls go on meanwhile: what is used is no older than this. */
const REFRESH_MS = 15_000;

export function budgetsQuery(filters: BudgetFilters, sort: string) {
  return pagedQuery(
    ["budgets", "list", filters, sort],
    (page, signal) =>
      data(api.GET("/v1/budgets", { params: { query: { ...filters, sort, ...page } }, signal })),
    { refetchInterval: REFRESH_MS },
  );
}

export function budgetQuery(id: string) {
  return queryOptions({
    queryKey: ["budgets", "one", id],
    queryFn: ({ signal }) => data(api.GET("/v1/budgets/{id}", { params: { path: { id } }, signal })),
    refetchInterval: REFRESH_MS,
  });
}

export function usageQuery(id: string, periods: number) {
  return queryOptions({
    queryKey: ["budgets", "usage", id, periods],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/budgets/{id}/usage", { params: { path: { id }, query: { periods } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

export function createBudget(body: BudgetForm) {
  return data(api.POST("/v1/budgets", { body }));
}

export function updateBudget(id: string, version: number | undefined, body: Schemas["BudgetPatch"]) {
  return data(api.PATCH("/v1/budgets/{id}", { params: { path: { id } }, headers: ifMatch(version), body }));
}

export async function deleteBudget({ id, version }: Budget): Promise<void> {
  await api.DELETE("/v1/budgets/{id}", { params: { path: { id } }, headers: ifMatch(version) });
}

export function overrideBudget(id: string, body: Schemas["OverrideBudgetForm"]) {
  return data(api.POST("/v1/budgets/{id}/override", { params: { path: { id } }, body }));
}
