import { describe, expect, it } from "vitest";
import { ApiError } from "@/lib/api/problem";
import { flatten, problemAt, problemsOf, unflatten, withChange } from "./values";

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

describe("problems of fields", () => {
  const problems = [
    { field: "security.ip_allowlist.1", code: "format", message: "must be an address" },
    { field: "name", code: "length", message: "must have 1 to 100 characters" },
  ];

  it("stand at their field, with the entry that is meant", () => {
    expect(problemAt(problems, "security.ip_allowlist")).toBe("Entry 2 must be an address.");
    expect(problemAt(problems, "name")).toBe("Must have 1 to 100 characters.");
    expect(problemAt(problems, "security")).toBe("Must be an address.");
    expect(problemAt(problems, "nam")).toBeUndefined();
  });

  it("are also told by a conflict", () => {
    const taken = new ApiError(409, "conflict", "There is one.", null, { field: "name" });
    expect(problemAt(problemsOf(taken), "name")).toBe("There is one.");
    expect(problemsOf(null)).toEqual([]);
  });
});
