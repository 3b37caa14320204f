import { pointTime } from "@/lib/time/time";
import { HOUR_MS } from "@/lib/time/units";
import type { TimeChartProps, TimeRow } from "./time-chart";

/** The same figures as text. */
export function ChartTable<Row extends TimeRow>({
  rows,
  stepMs,
  series,
  format,
  caption,
}: TimeChartProps<Row> & { caption: string }) {
  return (
    // Scrolls, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div tabIndex={0} role="region" aria-label={caption} className="h-55 overflow-auto rounded-md border">
      <table className="w-full text-xs tabular-nums">
        <caption className="sr-only">{caption}</caption>
        <thead className="sticky top-0 bg-sunken text-left text-ink-2">
          <tr>
            <th scope="col" className="px-3 py-1.5 font-medium">
              From
            </th>
            {series.map((one) => (
              <th key={one.key} scope="col" className="px-3 py-1.5 text-right font-medium">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.time} className="border-t">
              <th scope="row" className="px-3 py-1 text-left font-normal whitespace-nowrap text-ink-2">
                {/* With the day, however fine the rows are: there is no axis here to tell it. */}
                {pointTime(row.time, Math.max(stepMs, HOUR_MS))}
              </th>
              {series.map((one) => {
                const value = one.value(row);
                return (
                  <td key={one.key} className="px-3 py-1 text-right">
                    {value === null ? "–" : format(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
