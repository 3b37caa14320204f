import { expect, it } from "vitest";
import { readJson } from "./read-json";

it("reads objects alone", () => {
  expect(readJson('{"a":1}')).toEqual({ ok: true, value: { a: 1 } });
  for (const text of ["", "{", "[]", "null", "1"]) expect(readJson(text).ok).toBe(false);
});
