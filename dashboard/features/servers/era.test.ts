import { expect, it } from "vitest";
import { eraOf } from "./era";

it("tells versions with sessions from those without", () => {
  expect(eraOf("2026-07-28")).toBe("modern");
  expect(eraOf("2027-01-01")).toBe("modern");
  expect(eraOf("2025-11-25")).toBe("legacy");
  expect(eraOf(null)).toBeNull();
});
