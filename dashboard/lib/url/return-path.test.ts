import { expect, it } from "vitest";
import { loginHref, returnPath } from "./return-path";

it("returns to pages of ours", () => {
  for (const path of ["/", "/traces?status=error", "/trace?id=a#b", "/a%20b"])
    expect(returnPath(path)).toBe(path);
});

it("goes nowhere else", () => {
  for (const path of [
    null,
    "",
    "traces",
    "//evil.example",
    "/\\evil.example",
    "/%2f%2fevil.example",
    "/%5cevil",
    "/a\nb",
    "/%",
  ])
    expect(returnPath(path)).toBe("/");
  expect(returnPath(`/${"a".repeat(2001)}`)).toBe("/");
});

it("says where one came from", () => {
  expect(loginHref("/")).toBe("/login");
  expect(loginHref("/traces?q=a&b=c")).toBe("/login?redirect=%2Ftraces%3Fq%3Da%26b%3Dc");
});
