import { expect, test } from "vitest";
import { heldOf, mayGrant, withExtent, withWide } from "./selection";

test("a permission is held as such, for own rows, or through a wider grant", () => {
  expect(heldOf(["traces:read"], "traces:read")).toEqual({ extent: "all", through: null });
  expect(heldOf(["traces:read:own"], "traces:read")).toEqual({ extent: "own", through: null });
  expect(heldOf(["traces:*"], "traces:read")).toEqual({ extent: "all", through: "traces:*" });
  expect(heldOf(["users:admin"], "users:read")).toEqual({ extent: "all", through: "users:admin" });
  expect(heldOf(["*"], "platform:admin")).toEqual({ extent: "none", through: null });
  expect(heldOf([], "mcp:call")).toEqual({ extent: "none", through: null });
});

test("an extent replaces the one before", () => {
  expect(withExtent(["keys:read:own", "mcp:*"], "keys:read", "all")).toEqual(["mcp:*", "keys:read"]);
  expect(withExtent(["keys:read"], "keys:read", "own")).toEqual(["keys:read:own"]);
  expect(withExtent(["keys:read:own"], "keys:read", "none")).toEqual([]);
});

test("a wide grant takes the place of what it brings", () => {
  expect(withWide(["traces:read:own", "mcp:call"], "traces:*", true)).toEqual(["mcp:call", "traces:*"]);
  expect(withWide(["mcp:*", "platform:admin"], "*", true)).toEqual(["platform:admin", "*"]);
  expect(withWide(["*"], "*", false)).toEqual([]);
});

test("nobody gives more than they hold", () => {
  expect(mayGrant(["*"], "mcp:*")).toBe(true);
  expect(mayGrant(["keys:read:own"], "keys:read")).toBe(false);
  expect(mayGrant(["keys:*"], "keys:read:own")).toBe(true);
  expect(mayGrant(["mcp:call"], "mcp:*")).toBe(false);
});
