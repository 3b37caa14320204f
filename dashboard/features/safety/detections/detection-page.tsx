"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { JsonBlock } from "@/components/ui/json-block";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import { detectionQuery, type Detection } from "@/features/safety/api";
import { Action, Disposition, Severity } from "@/features/safety/looks";
import { DETECTORS, nameIn } from "@/features/safety/vocabulary";
import { ApiError } from "@/lib/api/problem";
import { useMay } from "@/lib/session/session";
import { carryRange } from "@/lib/time-range/time-range";
import { DetectionFacts } from "./detection-facts";
import { Judgement } from "./judgement";

/** `/detection?id=`: one of what was found. */
export function DetectionPage() {
  const id = useSearchParams().get("id") ?? "";
  const mayRead = useMay("policies:read");
  const detection = useQuery({ ...detectionQuery(id), enabled: mayRead && id !== "" });
  const error = id === "" ? new ApiError(404, "not_found", "No detection is named.", null) : detection.error;
  return (
    <Page
      title={detection.data ? nameIn(DETECTORS, detection.data.type) : "Detection"}
      permission="policies:read"
      description={detection.data && <Under detection={detection.data} />}
      actions={<Back />}
    >
      {detection.data ? (
        <Body detection={detection.data} />
      ) : error ? (
        <Failed what="This detection" error={error} onRetry={() => void detection.refetch()} />
      ) : (
        <div role="status" aria-label="Loading">
          <Skeleton className="h-72 w-full" />
        </div>
      )}
    </Page>
  );
}

function Under({ detection }: { detection: Detection }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Severity severity={detection.severity} />
      <Action action={detection.action} />
      <Disposition disposition={detection.disposition} />
      <span className="break-words">
        In the {detection.direction} {detection.tool_name && `of ${detection.tool_name} `}on{" "}
        {detection.mcp_server}, <RelativeTime at={detection.created_at} />
      </span>
    </span>
  );
}

function Body({ detection }: { detection: Detection }) {
  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_26rem]">
      <div className="flex min-w-0 flex-col gap-5">
        <Card title="What was found" description="Masked where it is a secret or personal">
          <div className="flex flex-col gap-4">
            {detection.snippet ? (
              <JsonBlock value={detection.snippet} label="Found text" />
            ) : (
              <p className="text-sm text-ink-2">No text of it was kept.</p>
            )}
            {detection.pattern && <JsonBlock value={detection.pattern} label="Pattern that found it" />}
          </div>
        </Card>
        <Judgement detection={detection} />
      </div>
      <Card title="Details">
        <DetectionFacts detection={detection} />
      </Card>
    </div>
  );
}

function Back() {
  const href = carryRange("/safety", useSearchParams());
  return <BackLink href={`${href}${href.includes("?") ? "&" : "?"}tab=detections`}>All detections</BackLink>;
}
