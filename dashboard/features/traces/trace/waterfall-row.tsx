import { ChevronDown, ChevronRight } from "lucide-react";
import { lookOfStatus } from "@/components/span-status";
import { cn } from "@/lib/cn";
import { duration } from "@/lib/time/time";
import { nameOf } from "@/features/traces/caller";
import type { Branch } from "./span-tree";

interface Props {
  branch: Branch;
  /** Where the lines of the axis are, as shares. */
  ticks: readonly number[];
  chosen: boolean;
  folded: boolean;
  onChoose: () => void;
  onFold: (folded: boolean) => void;
}

const INDENT_REM = 0.875;
const DEEPEST = 8;

export function WaterfallRow({ branch, ticks, chosen, folded, onChoose, onFold }: Props) {
  const { span, depth, children, from, length } = branch;
  const { name: status, icon: Icon, text, bar } = lookOfStatus(span.status);
  const name = nameOf(span);
  return (
    <li
      className={cn(
        "relative grid grid-cols-[minmax(0,9.5rem)_1fr] [contain-intrinsic-size:auto_2rem] [content-visibility:auto] sm:grid-cols-[minmax(0,18rem)_1fr]",
        chosen ? "bg-accent-soft" : "hover:bg-sunken/70",
      )}
    >
      <div
        className="flex h-8 min-w-0 items-center gap-1.5 pr-2 pl-2 sm:pl-3"
        style={{ marginLeft: `${Math.min(depth, DEEPEST) * INDENT_REM}rem` }}
      >
        <Fold name={name} count={children} folded={folded} onFold={onFold} />
        <Icon aria-hidden className={cn("size-3.5 shrink-0", text)} />
        <button
          type="button"
          data-span={span.id}
          aria-pressed={chosen}
          aria-label={`${name}, ${status}, ${duration(span.duration_ms)}`}
          onClick={onChoose}
          title={name}
          // As wide as the row: one clicks anywhere in it.
          className="truncate text-left text-sm before:absolute before:inset-0 before:left-8"
        >
          {name}
        </button>
      </div>
      <div aria-hidden className="relative mr-16 h-8">
        {ticks.map((at) => (
          <span key={at} className="absolute inset-y-0 w-px bg-line" style={{ left: `${at * 100}%` }} />
        ))}
        <span
          className={cn("absolute top-2.5 h-3 min-w-0.5 rounded-[3px]", bar, depth > 0 && "opacity-75")}
          style={{ left: `${from * 100}%`, width: `${length * 100}%` }}
        />
        <span
          className="absolute top-1.5 pl-1.5 text-xs whitespace-nowrap text-ink-2 tabular-nums"
          style={{ left: `${(from + length) * 100}%` }}
        >
          {duration(span.duration_ms)}
        </span>
      </div>
    </li>
  );
}

interface FoldProps {
  name: string;
  count: number;
  folded: boolean;
  onFold: (folded: boolean) => void;
}

function Fold({ name, count, folded, onFold }: FoldProps) {
  if (count === 0) return <span className="size-5 shrink-0" />;
  const Icon = folded ? ChevronRight : ChevronDown;
  return (
    <button
      type="button"
      aria-expanded={!folded}
      aria-label={`${folded ? "Show" : "Hide"} what ${name} called`}
      onClick={() => onFold(!folded)}
      className="relative z-10 flex size-5 shrink-0 items-center justify-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
    >
      <Icon aria-hidden className="size-3.5" />
    </button>
  );
}
