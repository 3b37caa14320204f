import type { ReactNode } from "react";
import type { Budget } from "@/features/budgets/api";
import { ProgressBar } from "@/features/budgets/progress-bar";
import { Card } from "@/components/ui/card";
import { Money } from "@/components/ui/money";
import { RelativeTime } from "@/components/ui/time";
import { compareMoney } from "@/lib/money/money";
import { percent } from "@/lib/number";

export function BudgetFigures({ budget }: { budget: Budget }) {
  const beyond = compareMoney(budget.projected, budget.amount) > 0;
  return (
    <Card>
      <dl className="mb-4 grid grid-cols-2 gap-4 lg:grid-cols-4">
        <Figure name="Used" below={`${percent(budget.used_ratio)} of the amount`}>
          <Money amount={budget.used} />
        </Figure>
        <Figure
          name="Amount"
          below={budget.enforce ? "Calls stop when it is used up" : "Calls are not stopped"}
        >
          <Money amount={budget.amount} />
        </Figure>
        <Figure
          name="Remaining"
          below={
            <>
              The period ends <RelativeTime at={budget.period_end} />
            </>
          }
        >
          <Money amount={budget.remaining} />
        </Figure>
        <Figure name="Projected" below={beyond ? "More than the amount" : "Within the amount"}>
          <Money amount={budget.projected} className={beyond ? "text-bad" : undefined} />
        </Figure>
      </dl>
      <ProgressBar budget={budget} tall />
      <p className="mt-2 text-xs text-ink-3">
        Full colour: used. Pale: projected. Lines: where people are told
        {budget.alert_thresholds.length > 0 &&
          ` (${budget.alert_thresholds.map((at) => `${at}%`).join(", ")})`}
        .
      </p>
    </Card>
  );
}

function Figure({ name, below, children }: { name: string; below: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-ink-2">{name}</dt>
      <dd className="truncate text-2xl leading-8 font-semibold tracking-tight tabular-nums">{children}</dd>
      <dd className="text-xs text-ink-3">{below}</dd>
    </div>
  );
}
