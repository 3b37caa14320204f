import { formatMoney } from "@/lib/money/money";
import { percent, plural } from "@/lib/number";
import { duration } from "@/lib/time/time";
import type { Schemas } from "@/lib/api/client";

/** What the list comes to, in one line. */
export function TracesSummary({ stats }: { stats: Schemas["TraceStats"] | undefined }) {
  if (!stats) return <>&nbsp;</>;
  const parts = [plural(stats.total_requests, "request")];
  if (stats.total_requests > 0) parts.push(`${percent(stats.error_rate)} failed`);
  if (stats.blocked_count > 0) parts.push(`${plural(stats.blocked_count, "call")} blocked`);
  if (stats.p95_duration_ms !== null) parts.push(`p95 ${duration(stats.p95_duration_ms)}`);
  if (stats.total_cost !== null && stats.total_requests > 0) parts.push(formatMoney(stats.total_cost));
  return <span className="tabular-nums">{parts.join(" · ")}</span>;
}
