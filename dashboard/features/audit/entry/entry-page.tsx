"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { JsonBlock } from "@/components/ui/json-block";
import { Skeleton } from "@/components/ui/skeleton";
import { ClockTime, RelativeTime } from "@/components/ui/time";
import { entryQuery, type AuditLog } from "@/features/audit/api";
import { Outcome } from "@/features/audit/outcome";
import { actorOf } from "@/features/audit/who-and-what";
import { ApiError } from "@/lib/api/problem";
import { useMay } from "@/lib/session/session";
import { carryRange } from "@/lib/time-range/time-range";
import { Changes } from "./changes";
import { EntryFacts } from "./entry-facts";

/** `/audit-entry?id=`: one row of the log. */
export function EntryPage() {
  const id = useSearchParams().get("id") ?? "";
  const mayRead = useMay("audit:read");
  const entry = useQuery({ ...entryQuery(id), enabled: mayRead && id !== "" });
  const error = id === "" ? new ApiError(404, "not_found", "No row is named.", null) : entry.error;
  return (
    <Page
      title={entry.data?.action ?? "Audit row"}
      permission="audit:read"
      description={entry.data && <Under entry={entry.data} />}
      actions={<Back />}
    >
      {entry.data ? (
        <Body entry={entry.data} />
      ) : error ? (
        <Failed what="This row" error={error} onRetry={() => void entry.refetch()} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function Under({ entry }: { entry: AuditLog }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Outcome outcome={entry.outcome} />
      <span className="break-words">{actorOf(entry)}</span>
      <span>
        <ClockTime at={entry.created_at} className="tabular-nums" />, <RelativeTime at={entry.created_at} />
      </span>
    </span>
  );
}

function Body({ entry }: { entry: AuditLog }) {
  const changed = Object.keys(entry.changes).length > 0;
  const detailed = Object.keys(entry.details).length > 0;
  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_26rem]">
      <div className="flex min-w-0 flex-col gap-5">
        {changed && (
          <Card flush title="What changed" description="Secrets are masked">
            <Changes changes={entry.changes} />
          </Card>
        )}
        {detailed && (
          <Card title="Details">
            <JsonBlock value={entry.details} label="Details" />
          </Card>
        )}
        {!changed && !detailed && (
          <Card title="What changed">
            <p className="text-sm text-ink-2">Nothing more was recorded than that it happened.</p>
          </Card>
        )}
      </div>
      <Card title="Row">
        <EntryFacts entry={entry} />
      </Card>
    </div>
  );
}

function Back() {
  return <BackLink href={carryRange("/audit", useSearchParams())}>Audit log</BackLink>;
}

function Loading() {
  return (
    <div role="status" aria-label="Loading" className="grid gap-5 xl:grid-cols-[1fr_26rem]">
      <Skeleton className="h-72" />
      <Skeleton className="h-96" />
    </div>
  );
}
