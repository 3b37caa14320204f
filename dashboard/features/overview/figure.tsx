import { ArrowDown, ArrowUp, Minus } from "lucide-react";
import { Sparkline } from "@/components/charts/sparkline";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import { change as changeInWords } from "@/lib/number";

export interface FigureProps {
  name: string;
  hint?: string;
  /** Undefined while it is on its way, null where there was nothing to measure. */
  value: string | null | undefined;
  /** Null where there was nothing before. */
  change?: number | null;
  /** Whether less of it is better; without it a change is neither good nor bad. */
  good?: "less";
  course?: readonly (number | null)[];
}

export function Figure({
  name,
  hint,
  value,
  change,
  good,
  course = [],
  before,
}: FigureProps & { before: string }) {
  return (
    <li className="flex min-w-0 flex-col justify-between gap-2 rounded-xl border bg-surface p-3.5 shadow-card sm:p-4">
      <p className="text-sm text-ink-2" title={hint}>
        {name}
      </p>
      {value === undefined ? (
        <Skeleton className="h-8 w-24" />
      ) : (
        <p className="truncate text-2xl leading-8 font-semibold tracking-tight tabular-nums">
          {value ?? "–"}
        </p>
      )}
      <div className="flex h-7 items-end justify-between gap-3">
        {value !== undefined && <Change ratio={change ?? null} good={good} before={before} />}
        <div className="hidden min-w-0 grow justify-end sm:flex">
          <Sparkline values={course} />
        </div>
      </div>
    </li>
  );
}

const BARELY = 0.0005;

function Change({ ratio, good, before }: { ratio: number | null; good?: "less"; before: string }) {
  if (ratio === null) return <span className="text-xs text-ink-3">Nothing before</span>;
  const still = Math.abs(ratio) < BARELY;
  const Icon = still ? Minus : ratio > 0 ? ArrowUp : ArrowDown;
  const tone = still || !good ? "text-ink-2" : ratio < 0 ? "text-ok" : "text-bad";
  return (
    <span
      className={cn("inline-flex shrink-0 items-center gap-0.5 text-xs font-medium tabular-nums", tone)}
      title={`Against ${before}`}
    >
      <Icon aria-hidden className="size-3" />
      {changeInWords(ratio)}
      <span className="sr-only"> against {before}</span>
    </span>
  );
}
