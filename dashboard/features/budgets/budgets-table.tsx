"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import type { VisibilityState } from "@tanstack/react-table";
import { Wallet } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { ListFooter } from "@/components/data-table/list-footer";
import type { ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { budgetsQuery, type Filter } from "./api";
import { budgetHref } from "./budget-href";
import { BUDGETS_COLUMNS } from "./budgets-columns";

interface Props extends ListState<Filter> {
  visibility: VisibilityState;
  /** Undefined for whoever may not make one. */
  onNew?: () => void;
}

export function BudgetsTable({ filters, sort, setSort, clear, visibility, onNew }: Props) {
  const router = useRouter();
  const budgets = useInfiniteQuery(budgetsQuery(filters, sort));
  const rows = useMemo(() => budgets.data?.pages.flatMap((page) => page.budgets) ?? [], [budgets.data]);

  if (budgets.error && !budgets.data)
    return <Failed what="The budgets" error={budgets.error} onRetry={() => void budgets.refetch()} />;
  if (!budgets.data) return <DataTableSkeleton columns={BUDGETS_COLUMNS} visibility={visibility} />;
  if (rows.length === 0 && Object.keys(filters).length > 0) {
    return (
      <Notice
        icon={Wallet}
        title="No budget is like that"
        actions={<Button onClick={clear}>Clear all filters</Button>}
      />
    );
  }
  if (rows.length === 0) {
    return (
      <Notice
        icon={Wallet}
        title="No budgets yet"
        actions={
          onNew && (
            <Button look="primary" onClick={onNew}>
              New budget
            </Button>
          )
        }
      >
        <p>
          A budget says what may be spent in a day, a week or a month, tells people before it is used up, and
          can stop calls once it is.
        </p>
      </Notice>
    );
  }
  return (
    <DataTable
      label="Budgets"
      className="grow"
      columns={BUDGETS_COLUMNS}
      visibility={visibility}
      rows={rows}
      rowId={(budget) => budget.id}
      onOpen={(budget) => router.push(budgetHref(budget))}
      sort={sort}
      onSort={setSort}
      hasMore={budgets.hasNextPage && !budgets.isFetchingNextPage && !budgets.isPlaceholderData}
      onMore={() => void budgets.fetchNextPage()}
      footer={<ListFooter shown={rows.length} {...budgets} />}
    />
  );
}
