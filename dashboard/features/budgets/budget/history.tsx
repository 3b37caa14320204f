"use client";

import { History as HistoryIcon } from "lucide-react";
import type { Budget, BudgetUsage } from "@/features/budgets/api";
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
        <table className="w-full table-fixed text-sm">
          <thead>
            <tr className="border-y bg-sunken/60 text-left text-xs text-ink-3">
              <th scope="col" className="py-1.5 pl-4 font-medium sm:pl-5">
                Period
              </th>
              <th scope="col" className="w-28 px-2 text-right font-medium">
                Used
              </th>
              <th scope="col" className="w-20 pr-4 text-right font-medium sm:w-40 sm:pr-5">
                Of the amount
              </th>
            </tr>
          </thead>
          <tbody>
            {[...history].reverse().map((period) => (
              <tr key={period.period_start} className="border-b last:border-0">
                <th scope="row" className="py-2 pl-4 text-left font-normal sm:pl-5">
                  {spanOfDays(period.period_start, period.period_end)}
                </th>
                <td className="px-2 text-right tabular-nums">
                  <Money amount={period.used} />
                </td>
                <td className="pr-4 text-right tabular-nums sm:pr-5">
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
          </tbody>
        </table>
      )}
    </Card>
  );
}

const PERIOD: Record<Budget["period"], string> = { daily: "day", weekly: "week", monthly: "month" };
