"use client";

import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Minus } from "lucide-react";
import type { ReactNode } from "react";
import { Failed } from "@/components/states/states";
import { Money } from "@/components/ui/money";
import { Skeleton } from "@/components/ui/skeleton";
import { change, count, shortCount } from "@/lib/number";
import { nameRangeBefore, type TimeRange } from "@/lib/time-range/time-range";
import { summaryQuery, type CostFilters, type CostSummary } from "./api";

const BARELY = 0.0005;

/** What the range of time cost, and what the one before it did. */
export function CostFigures({ range, filters }: { range: TimeRange; filters: CostFilters }) {
  const summary = useQuery(summaryQuery(range, filters));
  if (summary.error && !summary.data)
    return <Failed small what="The sum" error={summary.error} onRetry={() => void summary.refetch()} />;
  const sums = summary.data;
  const before = nameRangeBefore(range);
  return (
    <ul className="grid grid-cols-2 gap-3 sm:gap-4 lg:grid-cols-4">
      <Figure name="Total cost" value={sums && <Money amount={sums.total_cost} />}>
        {sums && <Comparison {...sums.comparison} before={before} />}
      </Figure>
      <Figure name="Requests" value={sums && count(sums.total_requests)}>
        Charged calls
      </Figure>
      <Figure name="Cost per request" value={sums && <Money amount={sums.avg_cost_per_request} />}>
        On average
      </Figure>
      <Figure
        name="Tokens"
        value={sums && shortCount(sums.input_tokens + sums.output_tokens)}
        title={sums && `${count(sums.input_tokens)} in, ${count(sums.output_tokens)} out`}
      >
        {sums && `${shortCount(sums.input_tokens)} in, ${shortCount(sums.output_tokens)} out`}
      </Figure>
    </ul>
  );
}

interface FigureProps {
  name: string;
  /** Undefined while it is on its way. */
  value: ReactNode | undefined;
  title?: string;
  children: ReactNode;
}

function Figure({ name, value, title, children }: FigureProps) {
  return (
    <li className="flex min-w-0 flex-col gap-1.5 rounded-xl border bg-surface p-3.5 shadow-card sm:p-4">
      <p className="text-sm text-ink-2">{name}</p>
      {value === undefined ? (
        <Skeleton className="h-8 w-24" />
      ) : (
        <p title={title} className="truncate text-2xl leading-8 font-semibold tracking-tight tabular-nums">
          {value}
        </p>
      )}
      <div className="min-h-5 text-xs text-ink-3 tabular-nums">{value !== undefined && children}</div>
    </li>
  );
}

function Comparison({
  change_ratio: ratio,
  previous_total_cost: previous,
  before,
}: CostSummary["comparison"] & { before: string }) {
  if (ratio === null) return <>Nothing in {before}</>;
  const Icon = Math.abs(ratio) < BARELY ? Minus : ratio > 0 ? ArrowUp : ArrowDown;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1">
      <span className="inline-flex items-center gap-0.5 font-medium text-ink-2">
        <Icon aria-hidden className="size-3" />
        {change(ratio)}
      </span>
      <span>
        from <Money amount={previous} /> in {before}
      </span>
    </span>
  );
}
