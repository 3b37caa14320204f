import { cn } from "@/lib/cn";
import { percent } from "@/lib/number";
import type { Budget } from "./api";
import { progressOf } from "./progress";

/** What is used, pale where it leads, a line where the amount ends and ticks where somebody is told. */
export function ProgressBar({ budget, tall }: { budget: Budget; tall?: boolean }) {
  const { used, projected, amount, thresholds } = progressOf(budget);
  const tone = budget.used_ratio >= 1 ? "bg-bad" : budget.status === "warning" ? "bg-warn" : "bg-series-1";
  const at = (part: number) => ({ left: `${part * 100}%` });
  return (
    <div
      role="meter"
      aria-label={`Used of ${budget.name}`}
      aria-valuemin={0}
      aria-valuemax={Math.max(1, budget.used_ratio)}
      aria-valuenow={budget.used_ratio}
      aria-valuetext={`${percent(budget.used_ratio)} used`}
      className={cn("relative w-full overflow-hidden rounded-full bg-sunken", tall ? "h-3" : "h-2")}
    >
      <span
        className={cn("absolute inset-y-0 left-0 opacity-30", tone)}
        style={{ width: `${projected * 100}%` }}
      />
      <span
        className={cn("absolute inset-y-0 left-0 rounded-full", tone)}
        style={{ width: `${used * 100}%` }}
      />
      {thresholds.map((threshold) => (
        <span key={threshold} className="absolute inset-y-0 w-px bg-ink-3" style={at(threshold)} />
      ))}
      {amount < 1 && <span className="absolute inset-y-0 w-0.5 bg-ink" style={at(amount)} />}
    </div>
  );
}
