import { expect, it } from "vitest";
import { readJson, readObject } from "./read-json";

it("reads JSON of any kind", () => {
  expect(readJson("null")).toEqual({ value: null });
  expect(readJson('["a"]')).toEqual({ value: ["a"] });
  expect(readJson("{path}").problem).toMatch(/^This is no JSON: /);
  expect(readJson("").problem).toMatch(/^This is no JSON: /);
});

it("reads objects alone", () => {
  expect(readObject('{"a":1}')).toEqual({ value: { a: 1 } });
  for (const text of ["[]", "null", "1"]) expect(readObject(text).problem).toContain("object");
  for (const text of ["", "{"]) expect(readObject(text).problem).toMatch(/^This is no JSON: /);
});
