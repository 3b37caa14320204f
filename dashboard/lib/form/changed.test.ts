import { expect, test } from "vitest";
import { changedOf } from "./changed";

test("a change holds what differs, lists whole, and null where something is cleared", () => {
  const before = { name: "ci", team_id: "t", servers: ["a", "b"], note: "" };
  expect(changedOf(before, { ...before })).toEqual({});
  expect(changedOf(before, { name: "ci", team_id: null as never, servers: ["b"], note: "" })).toEqual({
    team_id: null,
    servers: ["b"],
  });
});
