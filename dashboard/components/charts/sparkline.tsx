import { area, line } from "d3-shape";

const WIDTH = 96;
const HEIGHT = 28;

/** The shape of a figure over time, without words: those stand beside it. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const most = Math.max(...values.map((value) => value ?? 0), 0);
  if (values.length < 2 || most === 0) return null;
  const x = (_: unknown, at: number) => (at / (values.length - 1)) * WIDTH;
  const y = (value: number | null) => HEIGHT - 2 - ((value ?? 0) / most) * (HEIGHT - 4);
  const isThere = (value: number | null) => value !== null;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden
      className="h-7 w-full max-w-28 overflow-visible"
    >
      <path
        d={area<number | null>(x, HEIGHT, y).defined(isThere)(values) ?? undefined}
        className="fill-accent/10"
      />
      <path
        d={line<number | null>(x, y).defined(isThere)(values) ?? undefined}
        fill="none"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
        className="stroke-accent"
      />
    </svg>
  );
}
