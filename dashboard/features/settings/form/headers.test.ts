import { expect, it } from "vitest";
import { headersOf, KEPT, savedHeaders } from "./headers";

it("makes headers of pairs, and none of nothing", () => {
  expect(
    headersOf([
      { name: " X-Key ", value: "1" },
      { name: "", value: "2" },
    ]),
  ).toEqual({ "X-Key": "1" });
  expect(headersOf([])).toBeNull();
});

it("knows headers that are set", () => {
  expect(savedHeaders(true)).toBe(KEPT);
  expect(savedHeaders(false)).toBeNull();
});
