import { expect, it } from "vitest";
import { rowsOf, stepOf } from "./preview-rows";

const at = (minute: number) => `2026-11-30T10:0${minute}:00.000Z`;
const preview = {
  series: [1, 5, 6, null, 7].map((value, minute) => ({ time: at(minute), value })),
  would_fire: [
    { from: at(1), to: at(2) },
    { from: at(4), to: null },
  ],
};

it("marks where the rule would fire, and not the moment it is back", () => {
  expect(rowsOf(preview, 4).map((row) => row.fired)).toEqual([null, 5, null, null, 7]);
  expect(rowsOf(preview, 4)[3]).toEqual({ time: at(3), value: null, fired: null, threshold: 4 });
});

it("knows how far its moments are apart", () => {
  expect(stepOf(preview)).toBe(60_000);
  expect(stepOf({ series: [], would_fire: [] })).toBe(60_000);
});
