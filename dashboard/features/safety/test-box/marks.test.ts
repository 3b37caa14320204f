import { expect, test } from "vitest";
import { pieces } from "./marks";

test("a text without findings is one piece", () => {
  expect(pieces("abc", [])).toEqual([{ text: "abc", covered: [] }]);
  expect(pieces("", [])).toEqual([]);
});

test("findings are cut out", () => {
  expect(pieces("say hello now", [{ start: 4, end: 9 }])).toEqual([
    { text: "say ", covered: [] },
    { text: "hello", covered: [0] },
    { text: " now", covered: [] },
  ]);
});

test("places are bytes: what is longer in UTF-8 is counted as such", () => {
  expect(pieces("ä€😀x", [{ start: 2, end: 9 }])).toEqual([
    { text: "ä", covered: [] },
    { text: "€😀", covered: [0] },
    { text: "x", covered: [] },
  ]);
});

test("findings that overlap share a piece", () => {
  const spans = [
    { start: 0, end: 3 },
    { start: 2, end: 5 },
  ];
  expect(pieces("abcde", spans)).toEqual([
    { text: "ab", covered: [0] },
    { text: "c", covered: [0, 1] },
    { text: "de", covered: [1] },
  ]);
});

test("what lies beyond the text covers no more than there is", () => {
  expect(pieces("ab", [{ start: 1, end: 9 }])).toEqual([
    { text: "a", covered: [] },
    { text: "b", covered: [0] },
  ]);
});
