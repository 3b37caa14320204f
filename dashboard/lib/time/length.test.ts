import { expect, it } from "vitest";
import { lengthOf } from "./length";

it("says lengths of time in words", () => {
  expect(lengthOf(86_400)).toBe("1 day");
  expect(lengthOf(5400)).toBe("1 hour 30 minutes");
  expect(lengthOf(61)).toBe("1 minute 1 second");
  expect(lengthOf(0)).toBe("not at all");
});
