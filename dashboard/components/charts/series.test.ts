import { expect, it } from "vitest";
import { highest, layersOf, type Series } from "./series";

interface Row {
  a: number;
  b: number | null;
}
const series: Series<Row>[] = [
  { key: "a", name: "A", tone: 1, look: "bar", value: (row) => row.a },
  { key: "b", name: "B", tone: 2, look: "bar", value: (row) => row.b },
];
const rows: Row[] = [
  { a: 2, b: 1 },
  { a: 3, b: null },
];

it("stacks what stands on each other", () => {
  const layers = layersOf(rows, series, true);
  expect(layers.map((layer) => layer.spans)).toEqual([
    [
      [0, 2],
      [0, 3],
    ],
    [[2, 3], null],
  ]);
  expect(highest(layers)).toBe(3);
});

it("lets lines begin at nothing", () => {
  const lines = series.map((one) => ({ ...one, look: "line" as const }));
  expect(layersOf(rows, lines, true)[1]?.spans).toEqual([[0, 1], null]);
});

it("has no height without rows", () => {
  expect(highest(layersOf([], series, true))).toBe(0);
});
