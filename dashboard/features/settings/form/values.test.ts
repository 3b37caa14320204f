import { describe, expect, it } from "vitest";
import { flatten, unflatten, withChange } from "./values";

describe("values of a form", () => {
  it("are flat, and nested again for the API", () => {
    const nested = { name: "Okta", claim_mappings: { email: "mail", name: "name" } };
    const flat = { name: "Okta", "claim_mappings.email": "mail", "claim_mappings.name": "name" };
    expect(flatten(nested, ["claim_mappings"])).toEqual(flat);
    expect(unflatten(flat)).toEqual(nested);
  });

  it("keep maps that are no section", () => {
    expect(unflatten({ headers: { "x.y": "1" } })).toEqual({ headers: { "x.y": "1" } });
  });

  it("hold only what differs from what is saved", () => {
    const saved = { days: 90, list: ["a"] };
    const changed = withChange(saved, {}, "days", 30);
    expect(changed).toEqual({ days: 30 });
    expect(withChange(saved, changed, "list", ["a"])).toEqual({ days: 30 });
    expect(withChange(saved, changed, "days", 90)).toEqual({});
  });
});
