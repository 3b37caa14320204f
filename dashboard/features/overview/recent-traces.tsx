"use client";

import { useQuery } from "@tanstack/react-query";
import { ListTree } from "lucide-react";
import { Link } from "@/components/link";
import { QuietStatus } from "@/components/span-status";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import type { Schemas } from "@/lib/api/client";
import { duration } from "@/lib/time/time";
import { recentQuery } from "./api";

export function RecentTraces() {
  const recent = useQuery(recentQuery);
  return (
    <Card
      flush
      title="Latest calls"
      description="Whatever the range of time"
      actions={
        <Link href="/traces?live=1" className="text-sm text-accent hover:underline">
          Watch live
        </Link>
      }
    >
      {recent.data ? (
        <Calls traces={recent.data.traces} />
      ) : recent.error ? (
        <Failed small what="The latest calls" error={recent.error} onRetry={() => void recent.refetch()} />
      ) : (
        <Skeleton className="m-4 h-48" />
      )}
    </Card>
  );
}

function Calls({ traces }: { traces: readonly Schemas["Span"][] }) {
  if (traces.length === 0) return <Notice small icon={ListTree} title="No calls yet" />;
  return (
    <ul className="border-t">
      {traces.map((span) => (
        <li key={span.id} className="border-b last:border-0">
          <Link
            href={`/trace?id=${span.trace_id}`}
            className="flex h-10 items-center gap-3 px-4 text-sm -outline-offset-2 hover:bg-sunken/60 sm:px-5"
          >
            <span className="w-4 shrink-0 overflow-hidden sm:w-24">
              <QuietStatus status={span.status} short />
            </span>
            <span className="min-w-0 grow truncate">
              <span className="font-medium">{span.tool_name ?? span.operation_name}</span>{" "}
              <span className="text-ink-3">{span.mcp_server}</span>
            </span>
            <span className="shrink-0 text-ink-2 tabular-nums">{duration(span.duration_ms)}</span>
            <RelativeTime
              at={span.started_at}
              className="w-20 shrink-0 text-right text-xs text-ink-3 tabular-nums"
            />
          </Link>
        </li>
      ))}
    </ul>
  );
}
