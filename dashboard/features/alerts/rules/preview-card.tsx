"use client";

import { useQuery } from "@tanstack/react-query";
import { ChartNoAxesColumn } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Legend } from "@/components/charts/legend";
import type { Series } from "@/components/charts/series";
import { TimeChart } from "@/components/charts/time-chart";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { inputClass } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/skeleton";
import { formatMeasure } from "@/features/alerts/metrics";
import { asApiError } from "@/lib/api/problem";
import { cn } from "@/lib/cn";
import { PERIODS, type Period } from "@/lib/time-range/time-range";
import { previewQuery, type Preview, type RuleForm } from "./api";
import { rowsOf, stepOf, type PreviewRow } from "./preview-rows";
import { WouldFire } from "./would-fire";

const PAUSE_MS = 500;

const SERIES: Series<PreviewRow>[] = [
  { key: "fired", name: "Would fire", tone: 2, look: "area", value: (row) => row.fired },
  { key: "value", name: "Measured", tone: 1, look: "line", value: (row) => row.value },
  { key: "threshold", name: "Threshold", tone: 3, look: "line", value: (row) => row.threshold },
];

/** What the rule in the form would have done: tried on what has been, whenever the writer pauses. */
export function PreviewCard({ rule }: { rule: RuleForm | null }) {
  const [period, setPeriod] = useState<Period>("day");
  const settled = useSettled(rule);
  const preview = useQuery(previewQuery(settled, period));
  return (
    <Card
      title="What it would have done"
      description="Tried on what has been; nothing is sent"
      actions={
        <select
          aria-label="Over which time it is tried"
          className={cn(inputClass, "!w-36 pr-1")}
          value={period}
          onChange={(event) => setPeriod(event.target.value as Period)}
        >
          {Object.entries(PERIODS).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      }
    >
      {!rule ? (
        <Notice small icon={ChartNoAxesColumn} title="Not enough to try it">
          <p>Give a threshold and a window.</p>
        </Notice>
      ) : preview.error ? (
        <Refused error={preview.error} onRetry={() => void preview.refetch()} />
      ) : preview.data && settled ? (
        <Drawn preview={preview.data} rule={settled} />
      ) : (
        <Skeleton className="h-55" />
      )}
    </Card>
  );
}

function Drawn({ preview, rule }: { preview: Preview; rule: RuleForm }) {
  const rows = useMemo(() => rowsOf(preview, rule.threshold), [preview, rule.threshold]);
  const stepMs = stepOf(preview);
  const format = (value: number) => formatMeasure(rule.metric, value);
  if (rows.every((row) => row.value === null)) {
    return (
      <Notice small icon={ChartNoAxesColumn} title="Nothing was measured">
        <p>There were no calls like these, or of the past nothing is known. Try a longer time.</p>
      </Notice>
    );
  }
  return (
    <>
      <TimeChart rows={rows} stepMs={stepMs} series={SERIES} format={format} />
      <div className="mt-2">
        <Legend series={SERIES} />
      </div>
      <WouldFire intervals={preview.would_fire} />
    </>
  );
}

/** What is refused is told beside its field when it is saved; here it only cannot be tried. */
function Refused({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const problem = asApiError(error);
  if (problem.fields.length === 0) return <Failed small what="The preview" error={error} onRetry={onRetry} />;
  return (
    <Notice small role="status" icon={ChartNoAxesColumn} title="It cannot be tried like this">
      {problem.fields.map(({ field, message }) => (
        <p key={field}>
          <span className="font-mono text-xs">{field}</span> {message}.
        </p>
      ))}
    </Notice>
  );
}

/** The rule once nobody has changed it for a moment. */
function useSettled(rule: RuleForm | null): RuleForm | null {
  const text = JSON.stringify(rule);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return useMemo(() => JSON.parse(settled) as RuleForm | null, [settled]);
}
