import { clockTime, pointTime } from "@/lib/time/time";
import { DAY_MS } from "@/lib/time/units";
import { Swatch } from "./legend";
import type { Series } from "./series";
import type { TimeRow } from "./time-chart";

interface Props<Row extends TimeRow> {
  row: Row;
  stepMs: number;
  series: readonly Series<Row>[];
  format: (value: number) => string;
  x: number;
  within: number;
}

const WIDTH = 216;
const GAP = 12;

export function ChartTooltip<Row extends TimeRow>({ row, stepMs, series, format, x, within }: Props<Row>) {
  const left = x + GAP + WIDTH > within ? Math.max(x - GAP - WIDTH, 0) : x + GAP;
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute top-2 z-10 w-54 rounded-lg border bg-raised px-3 py-2 text-xs shadow-lifted"
      style={{ left }}
    >
      <p className="mb-1 text-ink-3 tabular-nums">
        {stepMs >= DAY_MS ? `${pointTime(row.time, stepMs)} (UTC)` : clockTime(row.time)}
      </p>
      {series.map((one) => {
        const value = one.value(row);
        return (
          <p key={one.key} className="flex items-center gap-2 leading-5">
            <Swatch series={one} />
            <span className="grow truncate text-ink-2">{one.name}</span>
            <span className="font-medium tabular-nums">{value === null ? "–" : format(value)}</span>
          </p>
        );
      })}
    </div>
  );
}
