import { expect, it } from "vitest";
import { linesOf } from "./lines";

it("reads lines and commas, each once", () => {
  expect(linesOf(" a\nb, c\n\n,a ")).toEqual(["a", "b", "c"]);
  expect(linesOf("  ")).toEqual([]);
});
