import { describe, expect, it } from "vitest";
import type { Span } from "@/features/traces/api";
import { branchesOf, ticksOf, timelineOf } from "./span-tree";

const BEGAN = Date.parse("2026-11-30T12:00:00.000Z");

function span(span_id: string, parent_span_id: string | null, at: number, duration_ms: number): Span {
  const instant = (ms: number) => new Date(BEGAN + ms).toISOString();
  return {
    id: `row-${span_id}`,
    span_id,
    parent_span_id,
    duration_ms,
    started_at: instant(at),
    ended_at: instant(at + duration_ms),
  } as Span;
}

const shape = (branches: ReturnType<typeof branchesOf>) =>
  branches.map(({ span, depth }) => `${"-".repeat(depth)}${span.span_id}`);

describe("branchesOf", () => {
  const spans = [
    span("root", null, 0, 100),
    span("b", "root", 60, 20),
    span("a", "root", 10, 40),
    span("a1", "a", 15, 10),
  ];

  it("nests what was called, in the order it began", () => {
    expect(shape(branchesOf(spans))).toEqual(["root", "-a", "--a1", "-b"]);
  });

  it("is to scale", () => {
    const [root, a] = branchesOf(spans);
    expect(root).toMatchObject({ from: 0, length: 1, children: 2 });
    expect(a).toMatchObject({ from: 0.1, length: 0.4 });
  });

  it("leaves out what is folded, however deep", () => {
    expect(shape(branchesOf(spans, new Set(["row-root"])))).toEqual(["root"]);
    expect(shape(branchesOf(spans, new Set(["row-a"])))).toEqual(["root", "-a", "-b"]);
  });

  it("loses no span, whatever its parent is", () => {
    const orphans = [
      span("x", "elsewhere", 0, 1),
      span("p", "q", 1, 1),
      span("q", "p", 2, 1),
      span("self", "self", 3, 1),
    ];
    expect(shape(branchesOf(orphans))).toEqual(["x", "p", "-q", "self"]);
    expect(branchesOf([])).toEqual([]);
  });
});

it("measures a trace that took no time", () => {
  expect(timelineOf([span("a", null, 0, 0)]).lengthMs).toBe(1);
  expect(branchesOf([span("a", null, 0, 0)])[0]).toMatchObject({ from: 0, length: 0 });
});

it("has round ticks", () => {
  expect(ticksOf(100, 5)).toEqual([0, 20, 40, 60, 80, 100]);
  expect(ticksOf(67, 4)).toEqual([0, 20, 40, 60]);
  expect(ticksOf(1, 4)).toEqual([0, 0.5, 1]);
});
