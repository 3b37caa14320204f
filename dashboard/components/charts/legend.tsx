import { useId } from "react";
import { fillOf, Fills } from "./fills";
import { DASHES, STROKES, type Series } from "./series";

type Shown = Pick<Series<never>, "key" | "name" | "tone" | "look">;

/** The look of a series, as the chart draws it. */
export function Swatch({ series: { tone, look } }: { series: Shown }) {
  const id = useId();
  return (
    <svg width="14" height="10" aria-hidden className="shrink-0">
      {look === "line" ? (
        <line
          x1="0"
          x2="14"
          y1="5"
          y2="5"
          stroke={STROKES[tone]}
          strokeWidth="2"
          strokeDasharray={DASHES[tone]}
        />
      ) : (
        <>
          <Fills id={id} />
          <rect width="14" height="10" rx="2" fill={fillOf(id, tone)} />
        </>
      )}
    </svg>
  );
}

export function Legend({ series }: { series: readonly Shown[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2">
      {series.map((one) => (
        <li key={one.key} className="flex items-center gap-1.5">
          <Swatch series={one} />
          {one.name}
        </li>
      ))}
    </ul>
  );
}
