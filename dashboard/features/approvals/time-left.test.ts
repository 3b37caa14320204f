import { expect, test } from "vitest";
import { isShort, timeLeft } from "./time-left";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const later = (ms: number) => new Date(NOW + ms).toISOString();

test("time left is told as finely as it matters", () => {
  expect(timeLeft(later(400), NOW)).toBe("1 s");
  expect(timeLeft(later(59_000), NOW)).toBe("59 s");
  expect(timeLeft(later(245_000), NOW)).toBe("4 min 05 s");
  expect(timeLeft(later(3 * 3_600_000 + 12 * 60_000), NOW)).toBe("3 h 12 min");
  expect(timeLeft(later(52 * 3_600_000), NOW)).toBe("2 d 4 h");
});

test("what is over has none left", () => {
  expect(timeLeft(later(0), NOW)).toBeNull();
  expect(timeLeft(later(-1), NOW)).toBeNull();
});

test("a few minutes are short", () => {
  expect(isShort(later(299_000), NOW)).toBe(true);
  expect(isShort(later(301_000), NOW)).toBe(false);
});
