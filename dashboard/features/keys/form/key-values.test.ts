import { expect, test } from "vitest";
import { bodyOf, expiryOf, NEW_KEY, patchOf, type KeyValues } from "./key-values";

const NOW = Date.parse("2026-01-01T12:00:00Z");

test("a new key says what was typed", () => {
  const values: KeyValues = {
    ...NEW_KEY,
    name: " ci ",
    servers: "github\nfiles\n",
    rate_limit_rpm: "60",
    metadata: "repo=api\nflag",
  };
  expect(bodyOf(values, NOW)).toEqual({
    name: "ci",
    description: "",
    environment: "dev",
    user_id: null,
    team_id: null,
    permissions: ["mcp:*"],
    servers: ["github", "files"],
    tools: ["*"],
    rate_limit_rpm: 60,
    ip_allowlist: [],
    metadata: { repo: "api", flag: "" },
    expires_at: "2026-04-01T12:00:00.000Z",
  });
});

test("an expiry is left, taken away, some days off, or the end of a day", () => {
  expect(expiryOf({ expiry: "keep", expires_on: "" }, NOW)).toBeUndefined();
  expect(expiryOf({ expiry: "never", expires_on: "" }, NOW)).toBeNull();
  expect(expiryOf({ expiry: "30", expires_on: "" }, NOW)).toBe("2026-01-31T12:00:00.000Z");
  expect(expiryOf({ expiry: "date", expires_on: "2026-02-03" }, NOW)).toBe("2026-02-03T23:59:59.000Z");
  expect(expiryOf({ expiry: "date", expires_on: "" }, NOW)).toBeUndefined();
});

test("a change says what differs, and takes away the metadata that is gone", () => {
  const before: KeyValues = { ...NEW_KEY, name: "ci", expiry: "keep", metadata: "a=1\nb=2" };
  expect(patchOf(before, before, NOW)).toEqual({});
  expect(patchOf(before, { ...before, rate_limit_rpm: "5", metadata: "a=3" }, NOW)).toEqual({
    rate_limit_rpm: 5,
    metadata: { a: "3", b: null },
  });
  expect(patchOf(before, { ...before, expiry: "never" }, NOW)).toEqual({ expires_at: null });
});
