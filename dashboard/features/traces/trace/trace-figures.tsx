import type { ReactNode } from "react";
import { Money } from "@/components/ui/money";
import { count } from "@/lib/number";
import { duration } from "@/lib/time/time";
import type { Trace } from "@/features/traces/api";
import { callerOf } from "@/features/traces/caller";

/** What the trace comes to. */
export function TraceFigures({ trace }: { trace: Trace }) {
  const root = trace.spans.find((span) => span.is_root) ?? trace.spans[0];
  const caller = root && callerOf(root);
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border bg-line shadow-card sm:grid-cols-3 lg:grid-cols-6">
      <Figure name="Duration">{duration(trace.duration_ms)}</Figure>
      <Figure name="In the server">{root?.upstream_ms == null ? "–" : duration(root.upstream_ms)}</Figure>
      <Figure name="In the gateway">
        {root?.overhead_us == null ? "–" : duration(root.overhead_us / 1000)}
      </Figure>
      <Figure name="Cost">
        <Money amount={trace.total_cost} />
      </Figure>
      <Figure name="Tokens in / out">
        {count(trace.input_tokens)} / {count(trace.output_tokens)}
      </Figure>
      <Figure name="Caller">{caller ?? "–"}</Figure>
    </dl>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0 bg-surface px-4 py-3">
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="mt-0.5 text-base font-medium break-words tabular-nums">{children}</dd>
    </div>
  );
}
