import { expect, it } from "vitest";
import { pointersOf } from "./pointers";

it("points to what has a single value", () => {
  const schema = {
    properties: {
      repo: { type: "string" },
      "a/b~c": { type: "integer" },
      filter: { properties: { since: { type: "string" }, by: { $ref: "#/$defs/by" } } },
    },
    $defs: { by: { properties: { id: {} } } },
  };
  expect(pointersOf(schema)).toEqual(["/repo", "/a~1b~0c", "/filter/since", "/filter/by/id"]);
});

it("ends where a schema is part of itself, and knows nothing of what says nothing", () => {
  const node = { properties: { name: { type: "string" }, next: { $ref: "#" } } };
  expect(pointersOf(node)).toEqual(["/name", "/next/name", "/next/next/name", "/next/next/next/name"]);
  for (const schema of [null, true, {}, "x"]) expect(pointersOf(schema)).toEqual([]);
});
