import type { Span } from "@/features/traces/api";

/** A span, and what was called within it. */
export interface Branch {
  span: Span;
  depth: number;
  children: number;
  /** Where its bar lies, as shares of the whole trace. */
  from: number;
  length: number;
}

export interface Timeline {
  start: number;
  lengthMs: number;
}

/** What the bars are drawn to: from the first beginning to the last end. */
export function timelineOf(spans: readonly Span[]): Timeline {
  const start = Math.min(...spans.map((span) => Date.parse(span.started_at)));
  const end = Math.max(
    ...spans.map((span) =>
      Math.max(Date.parse(span.ended_at), Date.parse(span.started_at) + span.duration_ms),
    ),
  );
  return { start, lengthMs: Math.max(end - start, 1) };
}

/**
 * The spans as they are nested, each before what it called, brothers by when they began. A span whose parent is not
 * among them (it is the client's, or was cut off) stands at the top; spans that are each other's parents do too.
 */
export function branchesOf(spans: readonly Span[], folded: ReadonlySet<string> = new Set()): Branch[] {
  if (spans.length === 0) return [];
  const { start, lengthMs } = timelineOf(spans);
  const known = new Set(spans.map((span) => span.span_id));
  const inOrder = [...spans].sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at));
  const called = byParent(inOrder);
  const branches: Branch[] = [];
  const seen = new Set<Span>();

  function add(span: Span, depth: number, isShown: boolean): void {
    if (seen.has(span)) return;
    seen.add(span);
    const children = (called.get(span.span_id) ?? []).filter((child) => !seen.has(child));
    const from = (Date.parse(span.started_at) - start) / lengthMs;
    const length = Math.min(span.duration_ms / lengthMs, 1 - from);
    if (isShown) branches.push({ span, depth, children: children.length, from, length });
    for (const child of children) add(child, depth + 1, isShown && !folded.has(span.id));
  }

  const isTop = (span: Span) => !span.parent_span_id || !known.has(span.parent_span_id);
  for (const span of inOrder) if (isTop(span)) add(span, 0, true);
  for (const span of inOrder) add(span, 0, true);
  return branches;
}

/** Round numbers of milliseconds along a timeline, about so many. */
export function ticksOf(lengthMs: number, most: number): number[] {
  const rough = lengthMs / Math.max(most, 1);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * size).find((step) => step >= rough) ?? rough;
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, at) => at * step);
}

function byParent(spans: readonly Span[]): Map<string, Span[]> {
  const children = new Map<string, Span[]>();
  for (const span of spans) {
    const parent = span.parent_span_id ?? "";
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  return children;
}
