import { expect, test } from "vitest";
import { diffLines, diffWords, type DiffPart } from "./diff";

const drawn = (before: string, after: string) =>
  diffLines(before, after).map(({ kind, text }) => `${{ same: " ", gone: "-", new: "+" }[kind]}${text}`);

const without = (kind: DiffPart["kind"], parts: DiffPart[]) =>
  parts.filter((part) => part.kind !== kind).map(({ text }) => text);

test("words that came and went", () => {
  expect(diffWords("Reads a file.", "Reads and sends a file.")).toEqual([
    { kind: "same", text: "Reads " },
    { kind: "new", text: "and sends " },
    { kind: "same", text: "a file." },
  ]);
  expect(diffWords("", "new")).toEqual([{ kind: "new", text: "new" }]);
  expect(diffWords("same", "same")).toEqual([{ kind: "same", text: "same" }]);
  expect(diffWords("", "")).toEqual([]);
});

test("equal texts have no change, and nothing has no lines", () => {
  expect(drawn("a\nb", "a\nb")).toEqual([" a", " b"]);
  expect(drawn("", "")).toEqual([]);
  expect(drawn("", "a")).toEqual(["+a"]);
});

test("a line in the middle is exchanged", () => {
  expect(drawn("a\nb\nc", "a\nx\nc")).toEqual([" a", "-b", "+x", " c"]);
});

test("what moved apart is found again", () => {
  expect(drawn("a\nb\nc\nd", "b\nx\nd\ne")).toEqual(["-a", " b", "-c", "+x", " d", "+e"]);
});

test("lines are added and taken at either end", () => {
  expect(drawn("b", "a\nb\nc")).toEqual(["+a", " b", "+c"]);
  expect(drawn("a\na\na", "a")).toEqual([" a", "-a", "-a"]);
});

test("nothing of either text is lost", () => {
  for (const [a, b] of [
    ["a b c d", "b x d e"],
    ["one\ntwo\n", "two\nthree"],
    ["ä, ö; ü!", "ü? ö. ä"],
  ] as const) {
    expect(without("new", diffWords(a, b)).join("")).toBe(a);
    expect(without("gone", diffWords(a, b)).join("")).toBe(b);
    expect(without("new", diffLines(a, b)).join("\n")).toBe(a);
    expect(without("gone", diffLines(a, b)).join("\n")).toBe(b);
  }
});

test("what is too long to compare is exchanged whole", () => {
  const many = (text: string) => Array.from({ length: 2500 }, (_, at) => `${text}${at}`).join("\n");
  expect(diffLines(many("a"), many("b"))).toHaveLength(5000);
});
