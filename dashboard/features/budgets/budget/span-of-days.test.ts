import { expect, it } from "vitest";
import { spanOfDays } from "./span-of-days";

it("names the last day that belongs to a period", () => {
  expect(spanOfDays("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")).toBe("Nov 1 – 30, 2026");
  expect(spanOfDays("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")).toBe("Nov 1, 2026");
});
