import { expect, it } from "vitest";
import { schemaRows } from "./schema-rows";

it("draws properties, lists and ways", () => {
  const rows = schemaRows({
    type: "object",
    required: ["path"],
    properties: {
      path: { type: "string", description: "Where.", maxLength: 100 },
      mode: { enum: ["r", "w"], default: "r" },
      tags: { type: "array", items: { type: "string" } },
      filter: { type: "object", properties: { since: { type: ["string", "null"], format: "date" } } },
      by: {
        oneOf: [{ type: "object", title: "Id", properties: { id: { type: "integer" } } }, { type: "string" }],
      },
    },
  });
  expect(rows.map(({ path, type, depth }) => [path, type, depth])).toEqual([
    ["path", "string", 0],
    ["mode", "value", 0],
    ["tags", "list of string", 0],
    ["filter", "object", 0],
    ["filter.since", "string or null", 1],
    ["by", "object or string", 0],
    ["by|1", "object", 1],
    ["by|1.id", "integer", 2],
  ]);
  expect(rows[0]).toMatchObject({ required: true, description: "Where.", rules: ["100 characters at most"] });
  expect(rows[1]?.rules).toEqual(['one of "r", "w"', "else r"]);
});

it("ends where a schema is part of itself", () => {
  const node = { type: "object", properties: { next: { $ref: "#/$defs/node" }, all: { $ref: "#" } } };
  const rows = schemaRows({ $defs: { node }, properties: { node: { $ref: "#/$defs/node" } } });
  expect(rows.map(({ path }) => path)).toEqual(["node", "node.next", "node.all"]);
  expect(rows[1]?.type).toBe("object, as above");
});

it("is empty for what says nothing", () => {
  for (const schema of [null, true, {}, { type: "object" }, "x"]) expect(schemaRows(schema)).toEqual([]);
});
