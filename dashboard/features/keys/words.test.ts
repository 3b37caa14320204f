import { expect, test } from "vitest";
import { expiresSoon, scopeInWords } from "./words";

test("a scope is told in a word or two", () => {
  expect(scopeInWords(["*"])).toBe("all");
  expect(scopeInWords(["github"])).toBe("github");
  expect(scopeInWords(["*", "!files__delete"])).toBe("2 patterns");
  expect(scopeInWords([])).toBe("none");
});

test("an expiry is soon within two weeks, and not once it is over", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(expiresSoon("2026-01-10T00:00:00Z", now)).toBe(true);
  expect(expiresSoon("2026-03-01T00:00:00Z", now)).toBe(false);
  expect(expiresSoon("2025-12-31T00:00:00Z", now)).toBe(false);
  expect(expiresSoon(null, now)).toBe(false);
});
