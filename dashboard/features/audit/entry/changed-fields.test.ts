import { expect, test } from "vitest";
import { changedFields } from "./changed-fields";

const of = (changes: unknown) => changedFields(changes as Record<string, never>);

test("short values stand beside each other", () => {
  expect(of({ limit: { before: 100, after: 5 }, name: { before: "a", after: null } })).toEqual([
    { name: "limit", short: { before: "100", after: "5" }, lines: [] },
    { name: "name", short: { before: "a", after: null }, lines: [] },
  ]);
});

test("an empty text is seen, and so is an empty list", () => {
  expect(of({ note: { before: "", after: [] } })[0]?.short).toEqual({ before: '""', after: "[]" });
});

test("longer ones are told line by line", () => {
  const [tools] = of({ tools: { before: ["a", "b"], after: ["a", "c"] } });
  expect(tools?.short).toBeNull();
  expect(tools?.lines.filter(({ kind }) => kind !== "same").map(({ text }) => text.trim())).toEqual([
    '"b"',
    '"c"',
  ]);
});

test("what was not there before is new from its first line on", () => {
  const [patterns] = of({ patterns: { before: null, after: { block: ["x"] } } });
  expect(patterns?.lines.every(({ kind }) => kind === "new")).toBe(true);
});

test("what is recorded otherwise is shown as what it is", () => {
  expect(of({ status: "active" })[0]?.short).toEqual({ before: null, after: "active" });
});
