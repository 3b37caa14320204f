import { expect, it } from "vitest";
import { implies, may } from "./permission";

it.each([
  ["*", "traces:read", true],
  ["*", "platform:admin", false],
  ["platform:admin", "platform:admin", true],
  ["platform:*", "platform:admin", false],
  ["traces:read", "traces:read", true],
  ["traces:read", "traces:read:own", true],
  ["traces:read:own", "traces:read", false],
  ["traces:*", "traces:payloads", true],
  ["traces:*", "tracesx:read", false],
  ["servers:admin", "servers:read", true],
  ["admin", "admins:read", false],
  ["keys:rotate:own", "keys:rotate", false],
])("%s implies %s: %s", (grant, permission, expected) => {
  expect(implies(grant, permission)).toBe(expected);
});

it("shows what there is for one's own rows too", () => {
  expect(may(["traces:read:own"], "traces:read")).toBe(true);
  expect(may(["mcp:*"], "traces:read")).toBe(false);
  expect(may([], "traces:read")).toBe(false);
});
