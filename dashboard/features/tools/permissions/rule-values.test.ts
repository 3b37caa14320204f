import { expect, it } from "vitest";
import { readValues, writeValues } from "./rule-values";

it("takes values for what they look like", () => {
  const text = 'main\n 5 \n-1.50\ntrue\nnull\n\n"5"\n"a \\"b\\""\nit\'s';
  expect(readValues(text, "in")).toEqual(["main", 5, -1.5, true, null, "5", 'a "b"', "it's"]);
});

it("takes them for texts where only texts are compared", () => {
  expect(readValues('5\ntrue\n"/a"\n/work/*', "glob")).toEqual(["5", "true", "/a", "/work/*"]);
});

it("rounds no number", () => {
  expect(readValues("9007199254740991", "eq")).toEqual([9007199254740991]);
  expect(readValues("0.1", "eq")).toEqual([0.1]);
  expect(readValues("1e3", "eq")).toEqual([1000]);
  for (const number of ["9007199254740993", "0.12345678901234567", "1e999"])
    expect(readValues(number, "eq")).toEqual([undefined]);
});

it("writes what it reads as the same again", () => {
  const values = ["main", "5", 5, 1.5, true, null, "null", "", " a ", "a\nb", '"a"', '"', 'say "a"', "ä*"];
  for (const op of ["in", "not_in"] as const) {
    expect(readValues(writeValues({ op, values }), op)).toEqual(values);
  }
  const texts = values.filter((value) => typeof value === "string");
  expect(readValues(writeValues({ op: "prefix", values: texts }), "prefix")).toEqual(texts);
  expect(writeValues({ op: "prefix", values: ["5", "true"] })).toBe("5\ntrue");
});
