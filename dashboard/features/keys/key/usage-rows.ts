import type { Schemas } from "@/lib/api/client";

export type UsageFigures = Schemas["ApiKeyUsageFigures"];
export type UsageRow = UsageFigures & { time: string };

/** Days of the API, which are days of UTC, as the charts take them. */
export function rowsOf(daily: readonly Schemas["ApiKeyUsageDay"][]): UsageRow[] {
  return daily.map((day) => ({ ...day, time: `${day.date}T00:00:00.000Z` }));
}

/** What neither failed nor was blocked. */
export function restOf({ total_requests, error_count, blocked_count }: UsageFigures): number {
  return Math.max(0, total_requests - error_count - blocked_count);
}
