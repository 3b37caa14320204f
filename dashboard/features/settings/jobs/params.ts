import type { JobParams, JobType } from "./api";

interface Given {
  isDry: boolean;
  /** Days, as inputs have them. */
  from: string;
  until: string;
}

/** What a type of job takes of what was filled in: more than that is refused. */
export function paramsOf(type: JobType, { isDry, from, until }: Given): JobParams {
  if (type === "retention") return { dry_run: isDry };
  if (type !== "rollup_backfill") return {};
  return { ...(from && { start_time: midnight(from) }), ...(until && { end_time: midnight(until) }) };
}

function midnight(day: string): string {
  return `${day}T00:00:00.000Z`;
}
