"use client";

import { History as HistoryIcon } from "lucide-react";
import type { Budget, BudgetUsage } from "@/features/budgets/api";
import { PlainTable } from "@/components/data-table/plain-table";
import { Notice } from "@/components/states/notice";
import { Card } from "@/components/ui/card";
import { inputClass } from "@/components/ui/field";
import { Money } from "@/components/ui/money";
import { cn } from "@/lib/cn";
import { percent } from "@/lib/number";
import { spanOfDays } from "./span-of-days";

const LENGTHS = [6, 12, 24, 36];

interface Props {
  budget: Budget;
  history: BudgetUsage["history"];
  periods: number;
  onPeriods: (periods: number) => void;
}

/** The periods before this one, the latest first. */
export function History({ budget, history, periods, onPeriods }: Props) {
  return (
    <Card
      flush
      title="Periods before"
      description="Against the amount that the budget has now"
      actions={
        <label className="flex items-center gap-2 text-sm text-ink-2">
          At most
          <select
            className={cn(inputClass, "!w-20 pr-1")}
            value={periods}
            onChange={(event) => onPeriods(Number(event.target.value))}
          >
            {LENGTHS.map((length) => (
              <option key={length}>{length}</option>
            ))}
          </select>
        </label>
      }
    >
      {history.length === 0 ? (
        <Notice small icon={HistoryIcon} title="None yet">
          <p>This is the first {PERIOD[budget.period]} that the budget counts.</p>
        </Notice>
      ) : (
        <PlainTable
          label="Periods before"
          columns={[
            { name: "Period" },
            { name: "Used", className: "w-28 text-right" },
            { name: "Of the amount", className: "w-24 text-right sm:w-40" },
          ]}
        >
          {[...history].reverse().map((period) => (
            <tr key={period.period_start}>
              <th scope="row">{spanOfDays(period.period_start, period.period_end)}</th>
              <td className="text-right tabular-nums">
                <Money amount={period.used} />
              </td>
              <td className="text-right tabular-nums">
                <span className="flex items-center justify-end gap-2">
                  <span
                    aria-hidden
                    className="h-1.5 w-16 overflow-hidden rounded-full bg-sunken max-sm:hidden"
                  >
                    <span
                      className={cn("block h-full", period.used_ratio >= 1 ? "bg-bad" : "bg-series-1")}
                      style={{ width: `${Math.min(period.used_ratio, 1) * 100}%` }}
                    />
                  </span>
                  <span className={cn(period.used_ratio >= 1 && "font-medium text-bad")}>
                    {percent(period.used_ratio)}
                  </span>
                </span>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Card>
  );
}

const PERIOD: Record<Budget["period"], string> = { daily: "day", weekly: "week", monthly: "month" };
