import { expect, it } from "vitest";
import type { Span } from "./api";
import { arrived, MOST_ROWS, NOTHING, passes, resumed, streamPath } from "./live-rows";

const span = (id: string, more: Partial<Span> = {}) =>
  ({ id, tool_name: "echo", error_message: null, duration_ms: 10, error_type: null, ...more }) as Span;
const ids = (rows: readonly Span[]) => rows.map((row) => row.id);

it("puts the newest at the top, each once", () => {
  const first = arrived(NOTHING, [span("a"), span("b")], false);
  const second = arrived(first, [span("b"), span("c")], false);
  expect(ids(second.rows)).toEqual(["c", "b", "a"]);
  expect(arrived(second, [span("a")], false)).toBe(second);
});

it("keeps what comes during a pause for later", () => {
  const paused = arrived(arrived(NOTHING, [span("a")], false), [span("b"), span("c")], true);
  expect(ids(paused.rows)).toEqual(["a"]);
  expect(ids(paused.waiting)).toEqual(["c", "b"]);
  expect(resumed(paused)).toMatchObject({ waiting: [] });
  expect(ids(resumed(paused).rows)).toEqual(["c", "b", "a"]);
});

it("forgets the oldest", () => {
  const many = Array.from({ length: MOST_ROWS + 1 }, (_, at) => span(String(at)));
  const { rows } = arrived(NOTHING, many, false);
  expect(rows).toHaveLength(MOST_ROWS);
  expect(rows[0]?.id).toBe(String(MOST_ROWS));
});

it("asks the stream for what it can filter by, and does the rest", () => {
  const filters = { status: "error,timeout", q: "disk", min_duration_ms: "100" };
  expect(streamPath(filters)).toBe("/v1/traces/stream?status=error%2Ctimeout");
  expect(streamPath({})).toBe("/v1/traces/stream");
  expect(passes(span("a", { duration_ms: 200, error_message: "Disk full" }), filters)).toBe(true);
  expect(passes(span("a", { duration_ms: 99, error_message: "Disk full" }), filters)).toBe(false);
  expect(passes(span("a", { duration_ms: 200 }), filters)).toBe(false);
  expect(passes(span("a", { error_type: "x" }), { error_type: "x,y" })).toBe(true);
});
