"use client";

import { useDirectory, type Kind } from "@/lib/directory/directory";
import type { Budget, BudgetScope } from "./api";

export const SCOPES: Record<BudgetScope, string> = {
  organization: "Whole organization",
  team: "Team",
  user: "User",
  api_key: "API key",
  server: "Server",
};

export function isNarrow(scope: string): scope is Kind & BudgetScope {
  return scope === "team" || scope === "user" || scope === "api_key" || scope === "server";
}

/** Whose costs a budget is about. */
export function Scope({ budget }: { budget: Pick<Budget, "scope_type" | "scope_id"> }) {
  const { scope_type: type, scope_id: id } = budget;
  const narrow = isNarrow(type);
  const { nameOf } = useDirectory(narrow ? type : "team", narrow);
  if (!narrow || id === null) return <>{SCOPES[type] ?? type}</>;
  return (
    <>
      <span className="text-ink-3">{SCOPES[type]}</span> {nameOf(id)}
    </>
  );
}
