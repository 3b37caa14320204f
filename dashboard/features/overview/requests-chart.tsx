"use client";

import { useQuery } from "@tanstack/react-query";
import { ChartCard } from "@/components/charts/chart-card";
import type { Series } from "@/components/charts/series";
import { shortCount } from "@/lib/number";
import type { TimeRange } from "@/lib/time-range/time-range";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { chartQuery, STEP_MS, type ChartPoint } from "./api";

const SERIES: Series<ChartPoint>[] = [
  {
    key: "rest",
    name: "Succeeded or cancelled",
    tone: 1,
    look: "bar",
    value: ({ requests, errors, blocked }) => requests - errors - blocked,
  },
  { key: "errors", name: "Errors and timeouts", tone: 2, look: "bar", value: (point) => point.errors },
  { key: "blocked", name: "Blocked", tone: 3, look: "bar", value: (point) => point.blocked },
];

export function RequestsChart({ range }: { range: TimeRange }) {
  const chart = useQuery(chartQuery(range));
  const [, setRange] = useTimeRange();
  const interval = chart.data?.interval ?? "hour";
  return (
    <ChartCard
      title="Requests"
      description={`Per ${interval}, by how they ended`}
      rows={chart.data?.data}
      stepMs={STEP_MS[interval]}
      series={SERIES}
      stacked
      format={shortCount}
      error={chart.error}
      onRetry={() => void chart.refetch()}
      isEmpty={chart.data?.data.every((point) => point.requests === 0) ?? false}
      onSelect={(start_time, end_time) => setRange({ start_time, end_time })}
    />
  );
}
