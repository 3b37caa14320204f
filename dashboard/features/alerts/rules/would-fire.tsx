import type { Preview } from "./api";
import { plural } from "@/lib/number";
import { clockTime } from "@/lib/time/time";

const SHOWN = 10;

/** The same in words: when it would have fired. */
export function WouldFire({ intervals }: { intervals: Preview["would_fire"] }) {
  if (intervals.length === 0) return <p className="mt-3 text-sm text-ink-2">It would not have fired.</p>;
  const latest = [...intervals].reverse().slice(0, SHOWN);
  return (
    <div className="mt-3 text-sm">
      <p className="font-medium">It would have fired {plural(intervals.length, "time")}</p>
      <ul className="mt-1 text-ink-2 tabular-nums">
        {latest.map(({ from, to }) => (
          <li key={from}>
            {clockTime(from)} – {to ? clockTime(to) : "still"}
          </li>
        ))}
      </ul>
      {intervals.length > SHOWN && <p className="text-ink-3">The latest {SHOWN} of them</p>}
    </div>
  );
}
