import { expect, it } from "vitest";
import { canonical, sameJson, schemaChanges } from "./definition";

const before = {
  type: "object",
  properties: { path: { type: "string" }, depth: { type: "integer" }, all: { type: "boolean" } },
};

it("names what came, went and is something else", () => {
  const after = {
    type: "object",
    required: ["path"],
    properties: { path: { type: "string" }, depth: { type: "integer" }, webhook: { type: "string" } },
  };
  expect(schemaChanges(before, after).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    "changed path",
    "new webhook",
    "gone all",
  ]);
  expect(schemaChanges(null, null)).toEqual([]);
});

it("takes another order of keys for no change", () => {
  const { properties, ...rest } = before;
  expect(schemaChanges(before, { properties, ...rest })).toEqual([]);
  expect(sameJson({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 })).toBe(true);
  expect(sameJson([1, 2], [2, 1])).toBe(false);
  expect(canonical(null)).toBe("");
});
