import { MINUTE_MS } from "@/lib/time/units";
import type { Preview } from "./api";

export interface PreviewRow {
  time: string;
  value: number | null;
  /** The figure again, where the rule would fire. */
  fired: number | null;
  threshold: number;
}

/** The figures of a preview with the threshold beside them, and marked where it would fire. */
export function rowsOf({ series, would_fire }: Preview, threshold: number): PreviewRow[] {
  return series.map(({ time, value }) => {
    const at = Date.parse(time);
    const fires = would_fire.some(
      ({ from, to }) => at >= Date.parse(from) && (to === null || at < Date.parse(to)),
    );
    return { time, value, fired: fires ? value : null, threshold };
  });
}

export function stepOf({ series }: Preview): number {
  const [first, second] = series;
  return first && second ? Date.parse(second.time) - Date.parse(first.time) : MINUTE_MS;
}
