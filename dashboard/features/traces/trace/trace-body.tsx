"use client";

import { useUrl } from "@/lib/url/use-url";
import type { Trace } from "@/features/traces/api";
import { SpanPanel } from "./span-panel";
import { TraceApprovals } from "./trace-approvals";
import { TraceDetections } from "./trace-detections";
import { TraceFigures } from "./trace-figures";
import { Waterfall } from "./waterfall";

/** The whole, its spans in time, and one of them in full. Which one is in the URL. */
export function TraceBody({ trace }: { trace: Trace }) {
  const { parameters, change } = useUrl();
  const chosen =
    trace.spans.find((span) => span.span_id === parameters.get("span")) ??
    trace.spans.find((span) => span.is_root) ??
    trace.spans[0];
  return (
    <>
      <TraceFigures trace={trace} />
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_26rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <Waterfall trace={trace} chosen={chosen} onChoose={(span) => change({ span: span.span_id })} />
          <TraceDetections detections={trace.detections} />
          <TraceApprovals approvals={trace.approvals} />
        </div>
        {chosen && <SpanPanel key={chosen.id} span={chosen} />}
      </div>
    </>
  );
}
