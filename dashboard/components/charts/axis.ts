import { dayName, pointTime } from "@/lib/time/time";
import { DAY_MS } from "@/lib/time/units";

export interface Label {
  row: number;
  text: string;
}

/** What stands below a chart, at most so many: midnights where there are several, else every so many rows. */
export function labelsOf(times: readonly string[], stepMs: number, most: number): Label[] {
  const isLong = stepMs < DAY_MS && times.length * stepMs > 2 * DAY_MS;
  if (isLong) return thinned(midnights(times), most).map((row) => ({ row, text: dayName(times[row] ?? "") }));
  const rows = thinned(
    times.map((_, row) => row),
    most,
  );
  return rows.map((row) => ({ row, text: pointTime(times[row] ?? "", stepMs) }));
}

/** The rows with which a day of the reader begins. */
function midnights(times: readonly string[]): number[] {
  const days = times.map((time) => new Date(time).toDateString());
  return days.flatMap((day, row) => (row > 0 && day !== days[row - 1] ? [row] : []));
}

function thinned(rows: readonly number[], most: number): number[] {
  const step = Math.max(1, Math.ceil(rows.length / Math.max(Math.floor(most), 1)));
  // In the middle of each stretch, so that none sticks out at an end.
  return rows.filter((_, at) => at % step === Math.floor(step / 2));
}
