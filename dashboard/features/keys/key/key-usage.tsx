"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ChartCard } from "@/components/charts/chart-card";
import type { Series } from "@/components/charts/series";
import { Failed } from "@/components/states/states";
import { Money } from "@/components/ui/money";
import { Skeleton } from "@/components/ui/skeleton";
import { formatMoney, moneyToDraw } from "@/lib/money/money";
import { count, percent, shortCount } from "@/lib/number";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { usageQuery, type ApiKey, type ApiKeyUsage } from "@/features/keys/api";
import { DAY_MS } from "@/lib/time/units";
import { UsageTable } from "./usage-table";
import { restOf, rowsOf, type UsageRow } from "./usage-rows";

const REQUESTS: Series<UsageRow>[] = [
  { key: "rest", name: "Succeeded or cancelled", tone: 1, look: "bar", value: restOf },
  { key: "errors", name: "Errors and timeouts", tone: 2, look: "bar", value: (day) => day.error_count },
  { key: "blocked", name: "Blocked", tone: 3, look: "bar", value: (day) => day.blocked_count },
];

const COST: Series<UsageRow>[] = [
  { key: "cost", name: "Cost", tone: 4, look: "bar", value: (day) => moneyToDraw(day.total_cost) },
];

/** What the key did in the range of time. */
export function KeyUsage({ apiKey }: { apiKey: ApiKey }) {
  const [range, setRange] = useTimeRange();
  const usage = useQuery(usageQuery(apiKey.id, range));
  if (usage.error && !usage.data) {
    return <Failed what="The usage" error={usage.error} onRetry={() => void usage.refetch()} />;
  }
  const rows = usage.data && rowsOf(usage.data.daily);
  const chart = {
    rows,
    stepMs: DAY_MS,
    error: usage.error,
    onRetry: () => void usage.refetch(),
    isEmpty: usage.data?.total_requests === 0,
    onSelect: (start_time: string, end_time: string) => setRange({ start_time, end_time }),
  };
  return (
    <>
      <Figures usage={usage.data} />
      <div className="grid gap-5 xl:grid-cols-2">
        <ChartCard
          {...chart}
          title="Requests"
          description="Per day, by how they ended"
          series={REQUESTS}
          stacked
          format={shortCount}
        />
        <ChartCard
          {...chart}
          title="Cost"
          description="Per day"
          series={COST}
          format={(value) => formatMoney(value.toFixed(6))}
        />
      </div>
      {usage.data && usage.data.total_requests > 0 && (
        <div className="grid items-start gap-5 lg:grid-cols-2">
          <UsageTable title="By server" keyId={apiKey.id} rows={usage.data.by_server} />
          <UsageTable title="By tool" keyId={apiKey.id} rows={usage.data.by_tool} />
        </div>
      )}
    </>
  );
}

function Figures({ usage }: { usage: ApiKeyUsage | undefined }) {
  const rate = usage && usage.total_requests > 0 ? usage.error_count / usage.total_requests : null;
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border bg-line shadow-card lg:grid-cols-4">
      <Figure name="Requests">{usage && count(usage.total_requests)}</Figure>
      <Figure name="Error rate">{usage && (rate === null ? "–" : percent(rate))}</Figure>
      <Figure name="Blocked">{usage && count(usage.blocked_count)}</Figure>
      <Figure name="Cost">{usage && <Money amount={usage.total_cost} />}</Figure>
    </dl>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0 bg-surface px-4 py-3">
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="mt-0.5 text-base font-medium tabular-nums">
        {children ?? <Skeleton className="h-5 w-16" />}
      </dd>
    </div>
  );
}
