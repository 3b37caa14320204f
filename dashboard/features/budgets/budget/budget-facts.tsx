"use client";

import type { Budget } from "@/features/budgets/api";
import { PERIOD_NAMES } from "@/features/budgets/period-names";
import { Scope } from "@/features/budgets/scope";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { ClockTime, RelativeTime } from "@/components/ui/time";
import { useDirectory } from "@/lib/directory/directory";
import { spanOfDays } from "./span-of-days";

export function BudgetFacts({ budget }: { budget: Budget }) {
  const channels = useDirectory("channel", budget.channel_ids.length > 0);
  const users = useDirectory("user", budget.created_by !== null);
  const told = budget.channel_ids.map(channels.nameOf).join(", ");
  return (
    <Card title="About it">
      <Facts
        facts={[
          { name: "For", value: <Scope budget={budget} /> },
          {
            name: "Period",
            value: `${PERIOD_NAMES[budget.period] ?? budget.period}, now ${spanOfDays(budget.period_start, budget.period_end)}`,
          },
          { name: "Tells at", value: budget.alert_thresholds.map((at) => `${at}%`).join(", ") || "Never" },
          { name: "By channels", value: told || "None" },
          { name: "When used up", value: budget.enforce ? "Calls are refused" : "Calls go on" },
          {
            name: "Overridden until",
            value: budget.overridden_until && <ClockTime at={budget.overridden_until} />,
          },
          { name: "Reason for that", value: budget.override_reason },
          { name: "Made", value: <RelativeTime at={budget.created_at} /> },
          { name: "Made by", value: budget.created_by && users.nameOf(budget.created_by) },
          { name: "Changed", value: <RelativeTime at={budget.updated_at} /> },
          { name: "Id", value: <Mono>{budget.id}</Mono>, copy: budget.id },
        ]}
      />
    </Card>
  );
}
