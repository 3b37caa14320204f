import { expect, test } from "vitest";
import { restOf, rowsOf } from "./usage-rows";

const DAY = {
  date: "2026-01-02",
  total_requests: 10,
  error_count: 2,
  blocked_count: 1,
  total_cost: "0.010000",
};

test("a day begins at its midnight in UTC", () => {
  expect(rowsOf([DAY])).toEqual([{ ...DAY, time: "2026-01-02T00:00:00.000Z" }]);
});

test("the rest is what neither failed nor was blocked", () => {
  expect(restOf(DAY)).toBe(7);
});
