import { expect, test } from "vitest";
import { themeOf } from "./account-theme";

test("a theme is taken from what an account keeps, if it is one", () => {
  expect(themeOf({ theme: "dark", other: 1 })).toBe("dark");
  expect(themeOf({ theme: "pink" })).toBeNull();
  expect(themeOf({})).toBeNull();
  expect(themeOf(null)).toBeNull();
});
