import type { Span } from "./api";

export function traceHref({ trace_id }: Pick<Span, "trace_id">): string {
  return `/trace?id=${trace_id}`;
}
