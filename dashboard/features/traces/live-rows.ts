import type { Span, TraceFilters } from "./api";

/** What a live list shows: the newest first, no more than a reader can follow. */
export interface LiveRows {
  rows: readonly Span[];
  /** Came while it was paused. */
  waiting: readonly Span[];
  /** Lost by the gateway, since this reader was too slow. */
  dropped: number;
}

export const NOTHING: LiveRows = { rows: [], waiting: [], dropped: 0 };
export const MOST_ROWS = 500;

/** Filters that the stream itself takes; the others are applied here. */
export const STREAM_FILTERS = [
  "mcp_server",
  "tool_name",
  "status",
  "environment",
  "api_key_id",
  "team_id",
] as const;

export function streamPath(filters: TraceFilters): string {
  const query = new URLSearchParams();
  for (const name of STREAM_FILTERS) if (filters[name]) query.set(name, filters[name]);
  return query.size > 0 ? `/v1/traces/stream?${query.toString()}` : "/v1/traces/stream";
}

export function passes(span: Span, filters: TraceFilters): boolean {
  const text = filters.q?.toLowerCase();
  const said = `${span.tool_name ?? ""} ${span.error_message ?? ""}`.toLowerCase();
  if (text && !said.includes(text)) return false;
  if (filters.min_duration_ms && span.duration_ms < Number(filters.min_duration_ms)) return false;
  const equal = (["error_type", "user_id", "session_id"] as const).map(
    (name) => !filters[name] || filters[name].split(",").includes(span[name] ?? ""),
  );
  return equal.every(Boolean);
}

/** With what has come, the newest at the top; a span that comes twice is one. */
export function arrived(live: LiveRows, spans: readonly Span[], paused: boolean): LiveRows {
  const known = new Set([...live.rows, ...live.waiting].map((span) => span.id));
  const fresh = spans.filter((span) => !known.has(span.id)).reverse();
  if (fresh.length === 0) return live;
  if (paused) return { ...live, waiting: [...fresh, ...live.waiting].slice(0, MOST_ROWS) };
  return { ...live, rows: [...fresh, ...live.rows].slice(0, MOST_ROWS) };
}

export function resumed(live: LiveRows): LiveRows {
  return { ...live, rows: [...live.waiting, ...live.rows].slice(0, MOST_ROWS), waiting: [] };
}
