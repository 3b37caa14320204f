"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Failed } from "@/components/states/states";
import { Skeleton } from "@/components/ui/skeleton";
import { usageQuery, type Budget, type BudgetUsage } from "@/features/budgets/api";
import { useMay } from "@/lib/session/session";
import { shortId } from "@/lib/short-id";
import { BudgetFacts } from "./budget-facts";
import { BudgetFigures } from "./budget-figures";
import { CourseChart } from "./course-chart";
import { History } from "./history";
import { TopSpenders, type Spender } from "./top-spenders";

const FIRST_PERIODS = 6;

export function BudgetBody({ budget }: { budget: Budget }) {
  const [periods, setPeriods] = useState(FIRST_PERIODS);
  const usage = useQuery(usageQuery(budget.id, periods));
  const mayCosts = useMay("costs:read");
  const retry = () => void usage.refetch();
  return (
    <>
      <BudgetFigures budget={budget} />
      {/* A day is one point: it says no more than the bar above. */}
      {budget.period !== "daily" && (
        <CourseChart budget={budget} usage={usage.data} error={usage.error} onRetry={retry} />
      )}
      <div className="grid items-start gap-5 lg:grid-cols-2">
        {usage.data ? (
          <>
            <TopSpenders title="Servers" spenders={serversOf(usage.data, budget, mayCosts)} />
            <TopSpenders title="API keys" spenders={keysOf(usage.data, budget, mayCosts)} />
            <History budget={budget} history={usage.data.history} periods={periods} onPeriods={setPeriods} />
          </>
        ) : usage.error ? (
          <Failed small what="What it was used for" error={usage.error} onRetry={retry} />
        ) : (
          <Skeleton className="h-64" />
        )}
        <BudgetFacts budget={budget} />
      </div>
    </>
  );
}

/** The costs of the same time, as far as this budget's period goes. */
function costsHref(budget: Budget, filter: Record<string, string>): string {
  const { period_start: start_time, period_end: end_time } = budget;
  return `/costs?${new URLSearchParams({ start_time, end_time, ...filter }).toString()}`;
}

function serversOf({ top_servers }: BudgetUsage, budget: Budget, linked: boolean): Spender[] {
  return top_servers.map(({ mcp_server, used, share }) => ({
    id: mcp_server,
    name: mcp_server,
    used,
    share,
    href: linked ? costsHref(budget, { mcp_server, tab: "tool" }) : null,
  }));
}

function keysOf({ top_keys }: BudgetUsage, budget: Budget, linked: boolean): Spender[] {
  return top_keys.map(({ api_key_id, api_key_name, used, share }) => ({
    id: api_key_id ?? "none",
    name: api_key_name ?? (api_key_id ? shortId(api_key_id) : "Calls without an API key"),
    used,
    share,
    href: linked && api_key_id ? costsHref(budget, { api_key_id, tab: "tool" }) : null,
  }));
}
