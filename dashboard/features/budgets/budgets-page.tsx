"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { Can } from "@/components/can";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { useListState } from "@/components/data-table/use-list-state";
import { Page } from "@/components/layout/page";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { useMay } from "@/lib/session/session";
import { useUrl } from "@/lib/url/use-url";
import { DEFAULT_SORT, FILTERS } from "./api";
import { BudgetForm } from "./budget-form";
import { budgetHref } from "./budget-href";
import { BUDGETS_COLUMNS } from "./budgets-columns";
import { BudgetsFilters } from "./budgets-filters";
import { BudgetsTable } from "./budgets-table";

export function BudgetsPage() {
  const router = useRouter();
  const list = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("budgets");
  const { parameters, change } = useUrl();
  const mayAdmin = useMay("budgets:admin");
  const open = (isOpen: boolean) => change({ new: isOpen ? "1" : null });

  return (
    <Page
      fill
      title="Budgets"
      permission="budgets:read"
      description="What may be spent in a period, what is spent, and where it leads"
      actions={
        <>
          <ColumnMenu columns={BUDGETS_COLUMNS} visibility={visibility} onChange={setVisible} />
          <Can permission="budgets:admin">
            <Button look="primary" onClick={() => open(true)}>
              <Plus aria-hidden />
              New budget
            </Button>
          </Can>
        </>
      }
    >
      <BudgetsFilters list={list} />
      <BudgetsTable list={list} visibility={visibility} onNew={mayAdmin ? () => open(true) : undefined} />
      <Dialog
        open={mayAdmin && parameters.get("new") === "1"}
        onOpenChange={open}
        title="New budget"
        description="What its current period has cost already counts."
      >
        <BudgetForm
          onCancel={() => open(false)}
          onSaved={(budget) => {
            toast(`The budget ${budget.name} is made.`);
            router.push(budgetHref(budget));
          }}
        />
      </Dialog>
    </Page>
  );
}
