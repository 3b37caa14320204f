import { expect, it } from "vitest";
import { fitting, NEW_LIMIT } from "./limit-values";

it("leaves out what only the other kind has", () => {
  expect(fitting(NEW_LIMIT, { name: "a" })).toMatchObject({ name: "a", window_seconds: 60, period: null });
  expect(fitting(NEW_LIMIT, { kind: "quota" })).toMatchObject({ window_seconds: null, period: "day" });
  const saved = { ...NEW_LIMIT };
  expect(fitting(saved, { name: "b" })).toEqual({ name: "b" });
});

it("has no member where all are covered together", () => {
  expect(fitting({ ...NEW_LIMIT }, { scope_type: "organization" })).toEqual({
    scope_type: "organization",
    scope_value: null,
  });
});
