"use client";

import { useQuery } from "@tanstack/react-query";
import { Page } from "@/components/layout/page";
import { Failed } from "@/components/states/states";
import { Skeleton } from "@/components/ui/skeleton";
import { budgetQuery } from "@/features/budgets/api";
import { BudgetStatus } from "@/features/budgets/budget-status";
import { Scope } from "@/features/budgets/scope";
import { useMay } from "@/lib/session/session";
import { useUrl } from "@/lib/url/use-url";
import { BudgetActions } from "./budget-actions";
import { BudgetBody } from "./budget-body";

export function BudgetPage() {
  const { parameters } = useUrl();
  const id = parameters.get("id") ?? "";
  const budget = useQuery({ ...budgetQuery(id), enabled: useMay("budgets:read") });
  return (
    <Page
      title={budget.data?.name ?? "Budget"}
      permission="budgets:read"
      description={
        budget.data && (
          <span className="flex flex-wrap items-center gap-2">
            <BudgetStatus {...budget.data} />
            <span>
              <Scope budget={budget.data} />
            </span>
          </span>
        )
      }
      actions={budget.data && <BudgetActions budget={budget.data} />}
    >
      {budget.data ? (
        <BudgetBody budget={budget.data} />
      ) : budget.error ? (
        <Failed what="The budget" error={budget.error} onRetry={() => void budget.refetch()} />
      ) : (
        <Skeleton className="h-96" />
      )}
    </Page>
  );
}
