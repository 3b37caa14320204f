import { expect, it } from "vitest";
import { progressOf } from "./progress";

const budget = {
  amount: "100.000000",
  used: "40.000000",
  projected: "80.000000",
  alert_thresholds: [50, 100, 150],
};

it("is as long as the amount while that is enough", () => {
  expect(progressOf(budget)).toEqual({ used: 0.4, projected: 0.8, amount: 1, thresholds: [0.5] });
});

it("goes on beyond the amount, but not without end", () => {
  expect(progressOf({ ...budget, used: "160.000000", projected: "160.000000" })).toEqual({
    used: 1,
    projected: 1,
    amount: 0.625,
    thresholds: [0.3125, 0.9375],
  });
  expect(progressOf({ ...budget, projected: "90000.000000" })).toMatchObject({ amount: 0.5, projected: 1 });
});
