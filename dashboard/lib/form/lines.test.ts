import { expect, test } from "vitest";
import { asLines, linesOf } from "./lines";

test("a list is what stands on the lines", () => {
  expect(linesOf(" github \n\n!files__*\n")).toEqual(["github", "!files__*"]);
  expect(linesOf("")).toEqual([]);
  expect(asLines(["a", "b"])).toBe("a\nb");
});
