"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import type { VisibilityState } from "@tanstack/react-table";
import { Wallet } from "lucide-react";
import { PagedTable } from "@/components/data-table/paged-table";
import type { ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { budgetsQuery, type Filter } from "./api";
import { BUDGETS_COLUMNS } from "./budgets-columns";

interface Props {
  list: ListState<Filter>;
  visibility: VisibilityState;
  /** Undefined for whoever may not make one. */
  onNew?: () => void;
}

export function BudgetsTable({ list, visibility, onNew }: Props) {
  const budgets = useInfiniteQuery(budgetsQuery(list.filters, list.sort));
  return (
    <PagedTable
      label="Budgets"
      query={budgets}
      rowsOf={(page) => page.budgets}
      columns={BUDGETS_COLUMNS}
      visibility={visibility}
      list={list}
      empty={<NoBudgets onNew={onNew} />}
    />
  );
}

function NoBudgets({ onNew }: Pick<Props, "onNew">) {
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
