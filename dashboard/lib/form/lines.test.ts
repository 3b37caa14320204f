import { expect, test } from "vitest";
import { asLines, linesOf, listOf, wordsOf } from "./lines";

test("a list is one entry a line, each once, and nothing of empty lines", () => {
  expect(linesOf(" github \n\n!files__*\ngithub")).toEqual(["github", "!files__*"]);
  expect(linesOf("note=one, two")).toEqual(["note=one, two"]);
  expect(linesOf("")).toEqual([]);
});

test("where entries have no commas, commas part them too", () => {
  expect(listOf("a@x.org, b@x.org\n\nc@x.org,")).toEqual(["a@x.org", "b@x.org", "c@x.org"]);
});

test("where they have no spaces either, spaces part them as well", () => {
  expect(wordsOf("10.0.0.0/8\n\n 192.0.2.1, ::1 10.0.0.0/8")).toEqual(["10.0.0.0/8", "192.0.2.1", "::1"]);
  expect(wordsOf(" \n")).toEqual([]);
});

test("what was read is written as it is typed", () => {
  expect(asLines(["a", "b"])).toBe("a\nb");
});
