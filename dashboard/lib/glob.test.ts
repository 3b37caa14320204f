import { expect, it } from "vitest";
import { fits } from "./glob";

it("knows the star alone", () => {
  for (const pattern of ["*", "delete_*", "*_file", "d*e*file", "delete_file"])
    expect(fits(pattern, "delete_file")).toBe(true);
  for (const pattern of ["", "delete", "delete_file*x", "D*", "delete.file", "delete?file", "*file*_file"])
    expect(fits(pattern, "delete_file")).toBe(false);
});

it("does not count a character twice", () => {
  expect(fits("aba*aba", "ababa")).toBe(false);
  expect(fits("a*b*a", "aba")).toBe(true);
});
