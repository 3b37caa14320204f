import { expect, it } from "vitest";
import { courseOf, runningSums } from "./course";

it("adds up exactly", () => {
  expect(runningSums(["0.100000", "0.200000", "0.000001"])).toEqual(["0.100000", "0.300000", "0.300001"]);
});

it("goes from what is used to what is projected, over the days to come", () => {
  const budget = {
    amount: "10.000000",
    projected: "9.000000",
    period_start: "2026-11-23T00:00:00.000Z",
    period_end: "2026-11-30T00:00:00.000Z",
  };
  const daily = [
    { date: "2026-11-23", used: "1.000000" },
    { date: "2026-11-24", used: "2.000000" },
    { date: "2026-11-25", used: "0.000000" },
  ];
  const course = courseOf(budget, daily);
  expect(course.map((point) => point.used)).toEqual([1, 3, 3, null, null, null, null]);
  expect(course.map((point) => point.projected)).toEqual([null, null, 3, 4.5, 6, 7.5, 9]);
  expect(course.at(-1)?.time).toBe("2026-11-29T00:00:00.000Z");
});

it("is one point for a budget of a day", () => {
  const budget = {
    amount: "1",
    projected: "2",
    period_start: "2026-11-23T00:00:00Z",
    period_end: "2026-11-24T00:00:00Z",
  };
  expect(courseOf(budget, [{ date: "2026-11-23", used: "1" }])).toMatchObject([{ used: 1, projected: 2 }]);
});
