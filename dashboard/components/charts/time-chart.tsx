"use client";

import { scaleLinear } from "d3-scale";
import { useId, useMemo, useState, type PointerEvent } from "react";
import { labelsOf } from "./axis";
import { ChartTooltip } from "./chart-tooltip";
import { Fills } from "./fills";
import { Marks } from "./marks";
import { highest, layersOf, type Series } from "./series";
import { useWidth } from "./use-width";

export interface TimeRow {
  time: string;
}

export interface TimeChartProps<Row extends TimeRow> {
  rows: readonly Row[];
  /** How far the rows are apart; they are evenly so. */
  stepMs: number;
  series: readonly Series<Row>[];
  stacked?: boolean;
  format: (value: number) => string;
  /** Some rows were drawn over: their first and last instant. */
  onSelect?: (start: string, end: string) => void;
}

const HEIGHT = 220;
const MARGIN = { top: 8, right: 4, bottom: 22, left: 52 };
const LABEL_WIDTH = 92;

/** Figures over time. Its words are in the table beside it (ChartCard): the drawing is for eyes and pointers. */
export function TimeChart<Row extends TimeRow>({
  rows,
  stepMs,
  series,
  stacked = false,
  format,
  onSelect,
}: TimeChartProps<Row>) {
  const fills = useId();
  const [watch, width] = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const [from, setFrom] = useState<number | null>(null);

  const times = useMemo(() => rows.map((row) => row.time), [rows]);
  const layers = layersOf(rows, series, stacked);
  const inner = Math.max(width - MARGIN.left - MARGIN.right, 0);
  const step = inner / Math.max(rows.length, 1);
  const x = (row: number) => MARGIN.left + step * (row + 0.5);
  const scale = scaleLinear([0, highest(layers) || 1], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(4);
  const y = (value: number) => scale(value);

  const rowUnder = (event: PointerEvent<SVGSVGElement>) => {
    const offset = event.clientX - event.currentTarget.getBoundingClientRect().left - MARGIN.left;
    return Math.max(0, Math.min(rows.length - 1, Math.floor(offset / step)));
  };

  function select(event: PointerEvent<SVGSVGElement>) {
    const to = rowUnder(event);
    setFrom(null);
    if (from === null || from === to || !onSelect) return;
    const [first, last] = [rows[Math.min(from, to)], rows[Math.max(from, to)]];
    if (first && last) onSelect(first.time, new Date(Date.parse(last.time) + stepMs).toISOString());
  }

  const row = at === null ? undefined : rows[at];
  return (
    <div ref={watch} className="relative h-55 min-w-0">
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          aria-hidden
          className="block touch-pan-y select-none"
          onPointerMove={(event) => setAt(rowUnder(event))}
          onPointerLeave={() => setAt(null)}
          onPointerDown={(event) => {
            if (!onSelect || event.pointerType === "touch") return;
            event.currentTarget.setPointerCapture(event.pointerId);
            setFrom(rowUnder(event));
          }}
          onPointerUp={select}
        >
          <Fills id={fills} />
          {scale.ticks(4).map((tick) => (
            <g key={tick} transform={`translate(0 ${y(tick)})`}>
              <line x1={MARGIN.left} x2={width - MARGIN.right} className="stroke-line" />
              <text
                x={MARGIN.left - 8}
                dy="0.32em"
                textAnchor="end"
                className="fill-ink-3 text-2xs tabular-nums"
              >
                {format(tick)}
              </text>
            </g>
          ))}
          {labelsOf(times, stepMs, inner / LABEL_WIDTH).map(({ row, text }) => (
            <text
              key={row}
              x={Math.min(Math.max(x(row), MARGIN.left + LABEL_WIDTH / 3), width - LABEL_WIDTH / 3)}
              y={HEIGHT - 4}
              textAnchor="middle"
              className="fill-ink-3 text-2xs tabular-nums"
            >
              {text}
            </text>
          ))}
          {at !== null && (
            <rect
              x={x(Math.min(at, from ?? at)) - step / 2}
              y={MARGIN.top}
              width={step * (Math.abs(at - (from ?? at)) + 1)}
              height={HEIGHT - MARGIN.top - MARGIN.bottom}
              className="fill-ink/8"
            />
          )}
          {layers.map((layer, index) => {
            const one = series[index];
            return (
              one && (
                <Marks key={layer.key} series={one} layer={layer} fills={fills} x={x} step={step} y={y} />
              )
            );
          })}
        </svg>
      )}
      {row && at !== null && (
        <ChartTooltip row={row} stepMs={stepMs} series={series} format={format} x={x(at)} within={width} />
      )}
    </div>
  );
}
