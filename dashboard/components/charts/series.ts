export type Tone = 1 | 2 | 3 | 4;

/** One figure over time. Looks differ in more than their colour: lines by their dashes, areas and bars by their fill. */
export interface Series<Row> {
  key: string;
  name: string;
  tone: Tone;
  look: "line" | "area" | "bar";
  /** Null where there was nothing to measure: a gap, not a zero. */
  value: (row: Row) => number | null;
}

export const STROKES: Record<Tone, string> = {
  1: "var(--series-1)",
  2: "var(--series-2)",
  3: "var(--series-3)",
  4: "var(--series-4)",
};

/** So that lines can be told apart without their colour. */
export const DASHES: Record<Tone, string | undefined> = { 1: undefined, 2: "6 3", 3: "2 3", 4: "10 3 2 3" };

export interface Layer {
  key: string;
  /** For each row, from where to where; null is a gap. */
  spans: ([number, number] | null)[];
}

/** Where each series lies; with `stacked` bars and areas stand on those before them. */
export function layersOf<Row>(
  rows: readonly Row[],
  series: readonly Series<Row>[],
  stacked: boolean,
): Layer[] {
  const ground = rows.map(() => 0);
  return series.map(({ key, look, value }) => {
    const stands = stacked && look !== "line";
    const spans = rows.map((row, at): [number, number] | null => {
      const size = value(row);
      if (size === null) return null;
      const from = stands ? (ground[at] ?? 0) : 0;
      if (stands) ground[at] = from + size;
      return [from, from + size];
    });
    return { key, spans };
  });
}

export function highest(layers: readonly Layer[]): number {
  return Math.max(0, ...layers.flatMap((layer) => layer.spans.map((span) => span?.[1] ?? 0)));
}
