import { expect, it } from "vitest";
import { diffLines, diffWords, type DiffPart } from "./text-diff";

const before = (parts: DiffPart[]) =>
  parts
    .filter(({ kind }) => kind !== "new")
    .map(({ text }) => text)
    .join("");
const after = (parts: DiffPart[]) =>
  parts
    .filter(({ kind }) => kind !== "gone")
    .map(({ text }) => text)
    .join("");

it("tells words that came and went", () => {
  expect(diffWords("Reads a file.", "Reads and sends a file.")).toEqual([
    { kind: "same", text: "Reads " },
    { kind: "new", text: "and sends " },
    { kind: "same", text: "a file." },
  ]);
  expect(diffWords("", "new")).toEqual([{ kind: "new", text: "new" }]);
  expect(diffWords("same", "same")).toEqual([{ kind: "same", text: "same" }]);
  expect(diffWords("", "")).toEqual([]);
});

it("loses nothing of either text", () => {
  for (const [a, b] of [
    ["a b c d", "b x d e"],
    ["one\ntwo\n", "two\nthree"],
    ["ä, ö; ü!", "ü? ö. ä"],
  ] as const) {
    for (const diff of [diffWords, diffLines]) {
      expect(before(diff(a, b))).toBe(a);
      expect(after(diff(a, b))).toBe(b);
    }
  }
});

it("gives up on what is too long, and still loses nothing", () => {
  const a = Array.from({ length: 3000 }, (_, at) => `a${at}\n`).join("");
  const b = Array.from({ length: 3000 }, (_, at) => `b${at}\n`).join("");
  expect(diffLines(a, b).map(({ kind }) => kind)).toEqual(["gone", "new"]);
});
