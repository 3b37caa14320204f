"use client";

import { useMemo, useState, type KeyboardEvent } from "react";
import { Card } from "@/components/ui/card";
import { count, plural } from "@/lib/number";
import { duration } from "@/lib/time/time";
import type { Span, Trace } from "@/features/traces/api";
import { branchesOf, ticksOf, timelineOf } from "./span-tree";
import { WaterfallRow } from "./waterfall-row";

interface Props {
  trace: Trace;
  chosen: Span | undefined;
  onChoose: (span: Span) => void;
}

const TICKS = 4;

/** The spans in time, to scale, as they are nested. */
export function Waterfall({ trace, chosen, onChoose }: Props) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const branches = useMemo(() => branchesOf(trace.spans, folded), [trace.spans, folded]);
  const { lengthMs } = useMemo(() => timelineOf(trace.spans), [trace.spans]);
  const ticks = ticksOf(lengthMs, TICKS).map((tick) => ({ tick, at: tick / lengthMs }));

  function fold(span: Span, isFolded: boolean) {
    const next = new Set(folded);
    if (isFolded) next.add(span.id);
    else next.delete(span.id);
    setFolded(next);
  }

  function onKey(event: KeyboardEvent<HTMLUListElement>) {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = branches.findIndex(({ span }) => span.id === chosen?.id);
    const next = branches[Math.max(0, Math.min(branches.length - 1, at + step))];
    if (!next) return;
    onChoose(next.span);
    event.currentTarget.querySelector<HTMLElement>(`[data-span="${next.span.id}"]`)?.focus();
  }

  return (
    <Card
      flush
      title="Spans"
      description={
        trace.spans_truncated
          ? `The first ${count(trace.spans.length)} of ${count(trace.span_count)}`
          : plural(trace.span_count, "span")
      }
    >
      <div className="grid grid-cols-[minmax(0,9.5rem)_1fr] border-y bg-sunken text-2xs text-ink-3 tabular-nums sm:grid-cols-[minmax(0,18rem)_1fr]">
        <span className="px-4 py-1 sm:px-5">Name</span>
        <span aria-hidden className="relative mr-16 py-1">
          {ticks.map(({ tick, at }) => (
            <span
              key={tick}
              className="absolute top-1 -translate-x-px whitespace-nowrap max-sm:nth-[even]:hidden"
              style={{ left: `${at * 100}%` }}
            >
              {duration(tick)}
            </span>
          ))}
        </span>
      </div>
      {/* The buttons in it have the keyboard; the arrows only go from one to the next. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <ul onKeyDown={onKey} aria-label="Spans" className="max-h-[70vh] overflow-y-auto py-1">
        {branches.map((branch) => (
          <WaterfallRow
            key={branch.span.id}
            branch={branch}
            ticks={ticks.map(({ at }) => at)}
            chosen={branch.span.id === chosen?.id}
            folded={folded.has(branch.span.id)}
            onChoose={() => onChoose(branch.span)}
            onFold={(isFolded) => fold(branch.span, isFolded)}
          />
        ))}
      </ul>
    </Card>
  );
}
