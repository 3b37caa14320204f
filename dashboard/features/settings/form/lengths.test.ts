import { expect, it } from "vitest";
import { lengthOf } from "./lengths";
import { linesOf } from "./lines";

it("says lengths of time in words", () => {
  expect(lengthOf(86_400)).toBe("1 day");
  expect(lengthOf(5400)).toBe("1 hour 30 minutes");
  expect(lengthOf(61)).toBe("1 minute 1 second");
  expect(lengthOf(0)).toBe("not at all");
});

it("takes lists apart as people write them", () => {
  expect(linesOf("10.0.0.0/8\n\n 192.0.2.1, ::1 ")).toEqual(["10.0.0.0/8", "192.0.2.1", "::1"]);
  expect(linesOf(" \n")).toEqual([]);
});
