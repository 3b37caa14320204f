import { expect, it } from "vitest";
import { labelsOf } from "./axis";

const HOUR = 3_600_000;
const BEGAN = Date.parse("2026-11-23T16:00:00.000Z");
const times = (count: number, stepMs: number) =>
  Array.from({ length: count }, (_, at) => new Date(BEGAN + at * stepMs).toISOString());

it("names days where there are several", () => {
  expect(labelsOf(times(72, HOUR), HOUR, 6)).toEqual([
    { row: 8, text: "Nov 24" },
    { row: 32, text: "Nov 25" },
    { row: 56, text: "Nov 26" },
  ]);
});

it("names hours, minutes and days of UTC as they are", () => {
  expect(labelsOf(times(6, HOUR), HOUR, 3).map(({ text }) => text)).toEqual([
    "Nov 23, 17:00",
    "Nov 23, 19:00",
    "Nov 23, 21:00",
  ]);
  expect(labelsOf(times(2, 60_000), 60_000, 3).map(({ text }) => text)).toEqual(["16:00", "16:01"]);
  expect(labelsOf(times(2, 24 * HOUR), 24 * HOUR, 3).map(({ text }) => text)).toEqual(["Nov 23", "Nov 24"]);
});

it("labels no more than there is room for", () => {
  expect(labelsOf([], HOUR, 5)).toEqual([]);
  expect(labelsOf(times(40, 60_000), 60_000, 4.9)).toHaveLength(4);
  expect(labelsOf(times(10, 60_000), 60_000, 0)).toHaveLength(1);
});
