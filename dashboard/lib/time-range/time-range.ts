// The range of time that a page is about, as it stands in its URL: `period`, or `start_time` and `end_time`.
import { spanOfTime } from "@/lib/time/time";

export const PERIODS = {
  hour: "Last hour",
  day: "Last 24 hours",
  week: "Last 7 days",
  month: "Last 30 days",
  quarter: "Last 90 days",
  mtd: "This month",
} as const;

export type Period = keyof typeof PERIODS;
export type TimeRange = { period: Period } | { start_time: string; end_time: string };

export const DEFAULT_RANGE: TimeRange = { period: "day" };
export const RANGE_PARAMETERS = ["period", "start_time", "end_time"] as const;

/** What the URL says; what it says wrongly is the default. */
export function readRange(parameters: Pick<URLSearchParams, "get">): TimeRange {
  const start = Date.parse(parameters.get("start_time") ?? "");
  const end = Date.parse(parameters.get("end_time") ?? "");
  if (start < end)
    return { start_time: new Date(start).toISOString(), end_time: new Date(end).toISOString() };
  const period = parameters.get("period");
  return period !== null && Object.hasOwn(PERIODS, period) ? { period: period as Period } : DEFAULT_RANGE;
}

/** As parameters of a URL, each of them, so that what was there before goes. The default is not written. */
export function writeRange(range: TimeRange): Record<(typeof RANGE_PARAMETERS)[number], string | null> {
  if ("period" in range) {
    const isDefault = "period" in DEFAULT_RANGE && range.period === DEFAULT_RANGE.period;
    return { period: isDefault ? null : range.period, start_time: null, end_time: null };
  }
  return { period: null, ...range };
}

/** The parameters about time of one URL, for a link to another page. */
export function carryRange(href: string, parameters: Pick<URLSearchParams, "get">): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(writeRange(readRange(parameters))))
    if (value) query.set(name, value);
  return query.size > 0 ? `${href}?${query.toString()}` : href;
}

export function nameRange(range: TimeRange, zone?: string): string {
  return "period" in range ? PERIODS[range.period] : spanOfTime(range.start_time, range.end_time, zone);
}

/** What a change is against. */
export function nameRangeBefore(range: TimeRange): string {
  if (!("period" in range)) return "the same time before";
  if (range.period === "mtd") return "as many days before";
  return `the ${PERIODS[range.period].replace("Last ", "")} before`;
}
