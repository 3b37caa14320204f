import type { Budget } from "@/features/budgets/api";
import { PERIOD_NAMES } from "@/features/budgets/period-names";
import { Scope } from "@/features/budgets/scope";
import { Name, Names } from "@/components/names/name";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { ClockTime, RelativeTime } from "@/components/ui/time";
import { spanOfDays } from "./span-of-days";

export function BudgetFacts({ budget }: { budget: Budget }) {
  const { channel_ids: channels } = budget;
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
          {
            name: "By channels",
            value: channels.length > 0 ? <Names kind="channel" ids={channels} /> : "None",
          },
          { name: "When used up", value: budget.enforce ? "Calls are refused" : "Calls go on" },
          {
            name: "Overridden until",
            value: budget.overridden_until && <ClockTime at={budget.overridden_until} />,
          },
          { name: "Reason for that", value: budget.override_reason },
          { name: "Made", value: <RelativeTime at={budget.created_at} /> },
          { name: "Made by", value: budget.created_by && <Name kind="user" id={budget.created_by} /> },
          { name: "Changed", value: <RelativeTime at={budget.updated_at} /> },
          { name: "Id", value: <Mono>{budget.id}</Mono>, copy: budget.id },
        ]}
      />
    </Card>
  );
}
