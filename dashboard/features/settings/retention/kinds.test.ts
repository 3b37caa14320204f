import { expect, it } from "vitest";
import { shortened } from "./kinds";

it("finds what is to be kept shorter than before", () => {
  const saved = { "retention.traces_days": 120, "retention.costs_days": 400 };
  expect(shortened(saved, { "retention.traces_days": 100 })).toEqual(["traces"]);
  // Empty is the default, which is 90.
  expect(shortened(saved, { "retention.traces_days": null })).toEqual(["traces"]);
  expect(shortened(saved, { "retention.costs_days": 500 })).toEqual([]);
  expect(shortened(saved, {})).toEqual([]);
});
