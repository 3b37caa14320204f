import { expect, it } from "vitest";
import { drawn, initial, kindOf, problemsOf, wayOf, waysOf, withProperty } from "./model";

const schema = {
  type: "object",
  required: ["path", "options"],
  properties: {
    path: { type: "string", minLength: 1 },
    depth: { type: "integer", minimum: 1, default: 3 },
    mode: { enum: ["r", "w"] },
    tags: { type: "array", items: { type: "string" }, maxItems: 2 },
    options: {
      type: "object",
      required: ["force"],
      properties: { force: { type: "boolean" }, note: { type: ["string", "null"] } },
    },
  },
};

it("begins with defaults and the frame of what is required", () => {
  expect(initial(schema, schema, true)).toEqual({ depth: 3, options: { force: false } });
  expect(initial({ $ref: "#" }, schema, false)).toBeUndefined();
});

it("ends where a schema requires itself", () => {
  const loop = { type: "object", required: ["next"], properties: { next: { $ref: "#" } } };
  expect(initial(loop, loop, true)).toHaveProperty("next.next");
  expect(problemsOf(loop, { next: {} }, loop).get("/next/next")).toBe("It is required.");
});

it("says what is wrong, and where", () => {
  const value = { depth: 0.5, mode: "x", tags: ["a", 1, "c"], options: { force: "yes", note: null } };
  expect(Object.fromEntries(problemsOf(schema, value, schema))).toEqual({
    "/path": "It is required.",
    "/depth": "It must be an integer.",
    "/mode": "It must be one of the choices.",
    "/tags": "It may have 2 items at most.",
    "/tags/1": "It must be a string.",
    "/options/force": "It must be a boolean.",
  });
  expect(problemsOf(schema, { path: "a", options: { force: true } }, schema).size).toBe(0);
  expect(problemsOf({ type: "integer" }, 2 ** 60, {}).get("")).toMatch(/as JSON/);
});

it("knows ways and which one a value goes", () => {
  const by = {
    oneOf: [
      { type: "object", required: ["id"], properties: { id: { type: "integer" } } },
      { type: "string" },
      { type: "null" },
    ],
  };
  const ways = waysOf(by);
  expect(ways).toHaveLength(2);
  expect(kindOf(by, 0)).toBe("variants");
  expect([wayOf(ways, { id: 1 }, by), wayOf(ways, "x", by), wayOf(ways, undefined, by)]).toEqual([0, 1, 0]);
  expect(problemsOf(by, { id: "x" }, by).get("/id")).toBe("It must be an integer.");
  expect(waysOf({ type: ["string", "integer"] })).toHaveLength(2);
});

it("draws what it does not know as JSON", () => {
  expect(kindOf({}, 0)).toBe("json");
  expect(kindOf({ type: "object" }, 0)).toBe("json");
  expect(kindOf({ type: "array", prefixItems: [{}] }, 0)).toBe("json");
  expect(kindOf({ type: ["string", "null"] }, 0)).toBe("text");
});

it("takes null for not given", () => {
  const optional = { description: "How deep.", anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }] };
  expect(drawn(optional, {})).toEqual({ description: "How deep.", type: "integer", minimum: 1 });
  expect(kindOf(drawn(optional, {}), 0)).toBe("number");
  expect(problemsOf(optional, null, {}).size).toBe(0);
  expect(problemsOf(optional, 0, {}).get("")).toBe("It must be at least 1.");
});

it("takes out what is no longer given", () => {
  expect(withProperty({ a: 1, b: 2 }, "a", undefined)).toEqual({ b: 2 });
  expect(withProperty(undefined, "a", 1)).toEqual({ a: 1 });
});
