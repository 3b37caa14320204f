import { expect, test } from "vitest";
import { asLines, linesOf, listOf } from "./lines";

test("a list is one entry a line, each once, and nothing of empty lines", () => {
  expect(linesOf(" github \n\n!files__*\ngithub")).toEqual(["github", "!files__*"]);
  expect(linesOf("note=one, two")).toEqual(["note=one, two"]);
  expect(linesOf("")).toEqual([]);
});

test("where entries have no commas, commas part them too", () => {
  expect(listOf("a@x.org, b@x.org\n\nc@x.org,")).toEqual(["a@x.org", "b@x.org", "c@x.org"]);
});

test("what was read is written as it is typed", () => {
  expect(asLines(["a", "b"])).toBe("a\nb");
});
