import { expect, it } from "vitest";
import { grantOf, withGrant } from "./grants";

it("grants either a role or a team", () => {
  const mapping = { group: "ops", role_id: "r", team_id: null };
  expect(grantOf(mapping)).toBe("role:r");
  expect(withGrant(mapping, "team:t")).toEqual({ group: "ops", role_id: null, team_id: "t" });
  expect(grantOf(withGrant(mapping, ""))).toBe("");
});
