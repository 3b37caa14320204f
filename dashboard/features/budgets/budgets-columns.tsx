import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { Money } from "@/components/ui/money";
import { percent } from "@/lib/number";
import { compareMoney } from "@/lib/money/money";
import type { Budget } from "./api";
import { budgetHref } from "./budget-href";
import { BudgetStatus } from "./budget-status";
import { PERIOD_NAMES } from "./period-names";
import { ProgressBar } from "./progress-bar";
import { Scope } from "./scope";

const column = createColumnHelper<Budget>();

export const BUDGETS_COLUMNS: Columns<Budget> = [
  column.accessor("name", {
    id: "name",
    header: "Name",
    enableSorting: true,
    meta: { name: "Name", className: "w-auto", fixed: true },
    cell: ({ row: { original: budget } }) => <RowLink href={budgetHref(budget)}>{budget.name}</RowLink>,
  }),
  column.display({
    id: "scope",
    header: "For",
    meta: { name: "For", className: "w-44 hidden lg:table-cell" },
    cell: ({ row: { original: budget } }) => <Scope budget={budget} />,
  }),
  column.display({
    id: "status",
    header: "Status",
    meta: { name: "Status", className: "w-28" },
    cell: ({ row: { original: budget } }) => <BudgetStatus {...budget} />,
  }),
  column.display({
    id: "progress",
    header: "Progress",
    meta: { name: "Progress", className: "w-48 hidden sm:table-cell" },
    cell: ({ row: { original: budget } }) => (
      <span className="flex items-center gap-2">
        <ProgressBar budget={budget} />
        <span className="w-14 shrink-0 text-right text-xs tabular-nums">{percent(budget.used_ratio)}</span>
      </span>
    ),
  }),
  column.accessor("used", {
    id: "used",
    header: "Used",
    enableSorting: true,
    meta: { name: "Used", className: "w-26 hidden md:table-cell", align: "right" },
    cell: ({ getValue }) => <Money amount={getValue()} />,
  }),
  column.accessor("amount", {
    id: "amount",
    header: "Amount",
    enableSorting: true,
    meta: { name: "Amount", className: "w-26", align: "right" },
    cell: ({ getValue }) => <Money amount={getValue()} />,
  }),
  column.accessor("remaining", {
    id: "remaining",
    header: "Remaining",
    meta: { name: "Remaining", className: "w-26 hidden xl:table-cell", align: "right" },
    cell: ({ getValue }) => <Money amount={getValue()} />,
  }),
  column.accessor("projected", {
    id: "projected",
    header: "Projected",
    meta: {
      name: "Projected at the end of the period",
      className: "w-26 hidden xl:table-cell",
      align: "right",
    },
    cell: ({ row: { original: budget } }) => (
      <Money
        amount={budget.projected}
        className={compareMoney(budget.projected, budget.amount) > 0 ? "font-medium text-bad" : undefined}
      />
    ),
  }),
  column.accessor("period", {
    id: "period",
    header: "Period",
    meta: { name: "Period", className: "w-24 hidden 2xl:table-cell" },
    cell: ({ row: { original: budget } }) => PERIOD_NAMES[budget.period] ?? budget.period,
  }),
  column.display({
    id: "enforce",
    header: "Enforced",
    meta: { name: "Enforced", className: "w-24 hidden 2xl:table-cell" },
    cell: ({ row: { original: budget } }) => (budget.enforce ? "Yes" : "No"),
  }),
];
