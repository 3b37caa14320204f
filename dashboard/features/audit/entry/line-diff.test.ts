import { expect, test } from "vitest";
import { lineDiff } from "./line-diff";

const drawn = (before: string, after: string) =>
  lineDiff(before, after).map(({ kind, text }) => `${{ same: " ", gone: "-", new: "+" }[kind]}${text}`);

test("equal texts have no change", () => {
  expect(drawn("a\nb", "a\nb")).toEqual([" a", " b"]);
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

test("what is too long to compare is exchanged whole", () => {
  const many = (text: string) => Array.from({ length: 2500 }, (_, at) => `${text}${at}`).join("\n");
  expect(lineDiff(many("a"), many("b"))).toHaveLength(5000);
});
