"use client";

import { useMemo } from "react";
import { ChartCard } from "@/components/charts/chart-card";
import type { Series } from "@/components/charts/series";
import type { Budget, BudgetUsage } from "@/features/budgets/api";
import { formatDrawnMoney } from "@/lib/money/money";
import { DAY_MS } from "@/lib/time/units";
import { courseOf, type CoursePoint } from "./course";

const SERIES: Series<CoursePoint>[] = [
  { key: "used", name: "Used so far", tone: 1, look: "area", value: (point) => point.used },
  { key: "projected", name: "Projected", tone: 4, look: "line", value: (point) => point.projected },
  { key: "amount", name: "Amount", tone: 2, look: "line", value: (point) => point.amount },
];

interface Props {
  budget: Budget;
  usage: BudgetUsage | undefined;
  error: unknown;
  onRetry: () => void;
}

export function CourseChart({ budget, usage, error, onRetry }: Props) {
  const rows = useMemo(() => usage && courseOf(budget, usage.daily), [budget, usage]);
  return (
    <ChartCard
      title="This period"
      description="Added up day by day, and where it leads if the rest goes on like what has passed"
      rows={rows}
      stepMs={DAY_MS}
      series={SERIES}
      format={formatDrawnMoney}
      error={error}
      onRetry={onRetry}
      isEmpty={false}
    />
  );
}
