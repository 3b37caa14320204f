"use client";

import { useQuery } from "@tanstack/react-query";
import { ChartCard } from "@/components/charts/chart-card";
import type { Series } from "@/components/charts/series";
import type { TimeRange } from "@/lib/time-range/time-range";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { duration } from "@/lib/time/time";
import { chartQuery, STEP_MS, type ChartPoint } from "./api";

const SERIES: Series<ChartPoint>[] = [
  { key: "p95", name: "p95", tone: 2, look: "line", value: (point) => point.p95_ms },
  { key: "p50", name: "p50 (median)", tone: 1, look: "line", value: (point) => point.p50_ms },
];

export function LatencyChart({ range }: { range: TimeRange }) {
  const chart = useQuery(chartQuery(range));
  const [, setRange] = useTimeRange();
  const interval = chart.data?.interval ?? "hour";
  return (
    <ChartCard
      title="Latency"
      description={`How long requests took, per ${interval}`}
      rows={chart.data?.data}
      stepMs={STEP_MS[interval]}
      series={SERIES}
      format={duration}
      error={chart.error}
      onRetry={() => void chart.refetch()}
      isEmpty={chart.data?.data.every((point) => point.p95_ms === null) ?? false}
      onSelect={(start_time, end_time) => setRange({ start_time, end_time })}
    />
  );
}
