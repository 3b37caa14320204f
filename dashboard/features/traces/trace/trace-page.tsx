"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Failed } from "@/components/states/states";
import { ClockTime, RelativeTime } from "@/components/ui/time";
import { CopyButton } from "@/components/ui/copy-button";
import { Skeleton } from "@/components/ui/skeleton";
import { SpanStatus } from "@/components/span-status";
import { ApiError } from "@/lib/api/problem";
import { useMay } from "@/lib/session/session";
import { carryRange } from "@/lib/time-range/time-range";
import { traceQuery, type Trace } from "@/features/traces/api";
import { nameOf } from "@/features/traces/caller";
import { TraceBody } from "./trace-body";

/** `/trace?id=`: a trace by its id. */
export function TracePage() {
  const id = useSearchParams().get("id") ?? "";
  const mayRead = useMay("traces:read");
  const trace = useQuery({ ...traceQuery(id), enabled: mayRead && id !== "" });
  const root = trace.data?.spans.find((span) => span.is_root) ?? trace.data?.spans[0];
  const error = id === "" ? new ApiError(404, "not_found", "No trace is named.", null) : trace.error;
  return (
    <Page
      title={root ? nameOf(root) : "Trace"}
      permission="traces:read"
      description={trace.data && <Under trace={trace.data} />}
      actions={<Back />}
    >
      {trace.data ? (
        <TraceBody trace={trace.data} />
      ) : error ? (
        <Failed what="This trace" error={error} onRetry={() => void trace.refetch()} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function Under({ trace }: { trace: Trace }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <SpanStatus status={trace.status} />
      <span>{trace.mcp_servers.join(", ")}</span>
      <span>
        <ClockTime at={trace.started_at} className="tabular-nums" />, <RelativeTime at={trace.started_at} />
      </span>
      <span className="inline-flex items-center gap-1 font-mono text-xs text-ink-3">
        <span className="max-w-[60vw] truncate">{trace.trace_id}</span>
        <CopyButton text={trace.trace_id} label="Copy the trace's id" />
      </span>
    </span>
  );
}

function Back() {
  return <BackLink href={carryRange("/traces", useSearchParams())}>All traces</BackLink>;
}

function Loading() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-5">
      <Skeleton className="h-20 w-full" />
      <div className="grid gap-5 xl:grid-cols-[1fr_26rem]">
        <Skeleton className="h-72" />
        <Skeleton className="h-96" />
      </div>
    </div>
  );
}
