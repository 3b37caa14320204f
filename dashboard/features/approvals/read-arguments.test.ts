import { expect, test } from "vitest";
import { readArguments } from "./read-arguments";

test("an object is read, and nothing is an empty one", () => {
  expect(readArguments('{"path": "/tmp"}')).toEqual({ value: { path: "/tmp" } });
  expect(readArguments("  ")).toEqual({ value: {} });
});

test("what is no object is refused with a reason", () => {
  expect(readArguments("[1]").problem).toContain("object");
  expect(readArguments("null").problem).toContain("object");
  expect(readArguments("{path}").problem).toMatch(/^This is no JSON: /);
});
