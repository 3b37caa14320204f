import { KindName } from "@/components/names/name";
import type { Kind } from "@/lib/directory/kinds";
import type { Budget, BudgetScope } from "./api";

export const SCOPES: Record<BudgetScope, string> = {
  organization: "Whole organization",
  team: "Team",
  user: "User",
  api_key: "API key",
  server: "Server",
};

export type NarrowScope = Kind & BudgetScope;

export function isNarrow(scope: string): scope is NarrowScope {
  return scope === "team" || scope === "user" || scope === "api_key" || scope === "server";
}

/** Whose costs a budget is about. */
export function Scope({ budget }: { budget: Pick<Budget, "scope_type" | "scope_id"> }) {
  const { scope_type: type, scope_id: id } = budget;
  if (!isNarrow(type) || id === null) return SCOPES[type] ?? type;
  return <KindName kind={type} id={id} />;
}
