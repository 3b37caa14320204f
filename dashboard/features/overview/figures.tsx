"use client";

import { useQuery } from "@tanstack/react-query";
import { formatMoney, moneyToDraw } from "@/lib/money/money";
import { count, percent } from "@/lib/number";
import { nameRangeBefore, type TimeRange } from "@/lib/time-range/time-range";
import { duration } from "@/lib/time/time";
import { chartQuery, type ChartPoint, type Overview } from "./api";
import { Figure, type FigureProps } from "./figure";

interface Props {
  range: TimeRange;
  overview: Overview | undefined;
}

/** The figures of the range of time, each against the range before. */
export function Figures({ range, overview }: Props) {
  const chart = useQuery(chartQuery(range));
  const figures = overview ? figuresOf(overview, chart.data?.data ?? []) : PLACES;
  return (
    <ul className="grid grid-cols-2 gap-3 sm:gap-4 lg:grid-cols-3 xl:grid-cols-6">
      {figures.map((figure) => (
        <Figure key={figure.name} {...figure} before={nameRangeBefore(range)} />
      ))}
    </ul>
  );
}

const PLACES: FigureProps[] = [
  "Requests",
  "Error rate",
  "p95 latency",
  "Average latency",
  "Blocked",
  "Cost",
].map((name) => ({ name, value: undefined }));

function figuresOf(overview: Overview, points: readonly ChartPoint[]): FigureProps[] {
  const { total_requests, error_rate, p95_latency_ms, avg_latency_ms, blocked_requests, total_cost } =
    overview;
  const rate = ({ requests, errors }: ChartPoint) => (requests > 0 ? errors / requests : null);
  const figures: FigureProps[] = [
    {
      name: "Requests",
      value: count(total_requests.value),
      change: total_requests.change_ratio,
      course: points.map((point) => point.requests),
    },
    {
      name: "Error rate",
      hint: "Errors and timeouts among all requests",
      value: percent(error_rate.value),
      change: error_rate.change_ratio,
      good: "less",
      course: points.map(rate),
    },
    {
      name: "p95 latency",
      hint: "95 of 100 requests were faster",
      value: p95_latency_ms.value === null ? null : duration(p95_latency_ms.value),
      change: p95_latency_ms.change_ratio,
      good: "less",
      course: points.map((point) => point.p95_ms),
    },
    {
      name: "Average latency",
      value: avg_latency_ms.value === null ? null : duration(avg_latency_ms.value),
      change: avg_latency_ms.change_ratio,
      good: "less",
    },
    {
      name: "Blocked",
      hint: "Calls that the gateway refused",
      value: count(blocked_requests.value),
      change: blocked_requests.change_ratio,
      course: points.map((point) => point.blocked),
    },
  ];
  // Null for whoever may not see costs: then there is no such figure.
  if (total_cost.value === null) return figures;
  const cost = {
    name: "Cost",
    value: formatMoney(total_cost.value),
    change: total_cost.change_ratio,
    course: points.map((point) => (point.cost === null ? null : moneyToDraw(point.cost))),
  };
  return [...figures, cost];
}
