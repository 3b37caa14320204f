import { area, line } from "d3-shape";
import { fillOf } from "./fills";
import { DASHES, STROKES, type Layer, type Series } from "./series";

interface Props {
  series: Pick<Series<never>, "look" | "tone">;
  layer: Layer;
  fills: string;
  /** The middle of a row, and how far rows are apart. */
  x: (at: number) => number;
  step: number;
  y: (value: number) => number;
}

/** One series as it is drawn. */
export function Marks(props: Props) {
  if (props.series.look === "bar") return <Bars {...props} />;
  return <Curve {...props} />;
}

function Bars({ series, layer, fills, x, step, y }: Props) {
  const width = Math.max(1, Math.min(step - (step > 6 ? 2 : step > 3 ? 1 : 0.4), 28));
  return (
    <g fill={fillOf(fills, series.tone)}>
      {layer.spans.map((span, at) => {
        if (!span || span[1] === span[0]) return null;
        // What there is is seen, be it a hair's breadth.
        const height = Math.max(y(span[0]) - y(span[1]), 1);
        return (
          <rect
            key={at}
            x={x(at) - width / 2}
            y={y(span[1])}
            width={width}
            height={height}
            rx={Math.min(1.5, width / 3)}
          />
        );
      })}
    </g>
  );
}

function Curve({ series: { look, tone }, layer, fills, x, y }: Props) {
  const spans = layer.spans;
  const isThere = (span: [number, number] | null) => span !== null;
  const across = (_: unknown, at: number) => x(at);
  const top = line<[number, number] | null>(across, (span) => y(span?.[1] ?? 0)).defined(isThere)(spans);
  const filled = area<[number, number] | null>(
    across,
    (span) => y(span?.[0] ?? 0),
    (span) => y(span?.[1] ?? 0),
  );
  // A point between two gaps would have no length.
  const alone = spans.map((span, at) => span !== null && !spans[at - 1] && !spans[at + 1]);
  return (
    <g>
      {look === "area" && (
        <path d={filled.defined(isThere)(spans) ?? undefined} fill={fillOf(fills, tone)} opacity="0.35" />
      )}
      <path
        d={top ?? undefined}
        fill="none"
        stroke={STROKES[tone]}
        strokeWidth="1.75"
        strokeLinejoin="round"
        strokeDasharray={DASHES[tone]}
      />
      {spans.map(
        (span, at) =>
          alone[at] && span && <circle key={at} cx={x(at)} cy={y(span[1])} r="2" fill={STROKES[tone]} />,
      )}
    </g>
  );
}
