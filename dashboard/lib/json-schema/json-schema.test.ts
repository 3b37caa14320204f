import { expect, it } from "vitest";
import { asSchema, isRequired, propertiesOf, resolved, typesOf, valuesIn, variantsOf } from "./json-schema";

const root = {
  $defs: {
    name: { type: "string", description: "inner" },
    alias: { $ref: "#/$defs/name" },
    loop: { $ref: "#/$defs/loop" },
    "a/b": { type: "integer" },
  },
};

it("follows references, what stands beside them wins", () => {
  expect(resolved({ $ref: "#/$defs/alias", description: "outer" }, root)).toEqual({
    type: "string",
    description: "outer",
  });
  expect(resolved({ $ref: "#/$defs/a~1b" }, root)).toEqual({ type: "integer" });
});

it("does not go in circles, and goes nowhere else", () => {
  expect(resolved({ $ref: "#/$defs/loop" }, root)).toHaveProperty("$ref");
  expect(resolved({ $ref: "https://evil.example/schema" }, root)).toEqual({});
  expect(resolved({ $ref: "#/nowhere/at/all" }, root)).toEqual({});
});

it("puts the parts of allOf together", () => {
  const schema = {
    properties: { a: { type: "string" } },
    required: ["a"],
    allOf: [{ properties: { b: { type: "integer" } }, required: ["b"] }, { $ref: "#/$defs/name" }],
  };
  const whole = resolved(schema, root);
  expect(propertiesOf(whole).map(([name]) => name)).toEqual(["a", "b"]);
  expect(isRequired(whole, "b")).toBe(true);
});

it("takes what is no schema as one that allows everything", () => {
  expect(asSchema(true)).toEqual({});
  expect(typesOf(asSchema({ type: ["string", 7, "null"] }))).toEqual(["string", "null"]);
  expect(typesOf({ items: {} })).toEqual(["array"]);
  expect(propertiesOf(asSchema({ properties: 5 }))).toEqual([]);
  expect(isRequired(asSchema({ required: "a" }), "a")).toBe(false);
  expect(variantsOf(asSchema({ oneOf: {} }))).toEqual([]);
  expect(valuesIn({ const: null })).toEqual([null]);
});
