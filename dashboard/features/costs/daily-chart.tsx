"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ChartCard } from "@/components/charts/chart-card";
import type { Series } from "@/components/charts/series";
import { formatDrawnMoney, moneyToDraw } from "@/lib/money/money";
import type { TimeRange } from "@/lib/time-range/time-range";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { DAY_MS } from "@/lib/time/units";
import { dailyQuery, type CostFilters, type DailyCost } from "./api";

type Day = DailyCost & { time: string };

const SERIES: Series<Day>[] = [
  { key: "cost", name: "Cost", tone: 1, look: "bar", value: (day) => moneyToDraw(day.total_cost) },
];

export function DailyChart({ range, filters }: { range: TimeRange; filters: CostFilters }) {
  const daily = useQuery(dailyQuery(range, filters));
  const [, setRange] = useTimeRange();
  const rows = useMemo(
    () => daily.data?.daily.map((day): Day => ({ ...day, time: `${day.date}T00:00:00.000Z` })),
    [daily.data],
  );
  return (
    <ChartCard
      title="Cost per day"
      description="Days of UTC"
      rows={rows}
      stepMs={DAY_MS}
      series={SERIES}
      format={formatDrawnMoney}
      error={daily.error}
      onRetry={() => void daily.refetch()}
      isEmpty={rows?.every((day) => day.total_requests === 0) ?? false}
      onSelect={(start_time, end_time) => setRange({ start_time, end_time })}
    />
  );
}
