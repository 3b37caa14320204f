"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Inbox as InboxIcon } from "lucide-react";
import { More } from "@/components/data-table/more";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Skeleton } from "@/components/ui/skeleton";
import { plural } from "@/lib/number";
import { pendingQuery } from "./api";
import { InboxCard } from "./inbox-card";

/** Those that wait, the most urgent first; it goes on by itself. */
export function Inbox() {
  const pending = useInfiniteQuery(pendingQuery);
  if (pending.error && !pending.data)
    return <Failed what="The approvals" error={pending.error} onRetry={() => void pending.refetch()} />;
  if (!pending.data) return <Loading />;
  const approvals = pending.data.pages.flatMap((page) => page.approvals);
  if (approvals.length === 0) {
    return (
      <Notice icon={InboxIcon} title="Nobody waits">
        <p>
          A call to a tool that needs approval appears here at once, with what it would be called with. Which
          tools do is said by their classification. What was decided is in the history.
        </p>
      </Notice>
    );
  }
  return (
    <>
      <p role="status" className="sr-only">
        {plural(approvals.length, "call")} waiting
      </p>
      <ul className="flex max-w-5xl flex-col gap-4">
        {approvals.map((approval) => (
          <li key={approval.id}>
            <InboxCard approval={approval} />
          </li>
        ))}
      </ul>
      <More query={pending} />
    </>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading" className="flex max-w-5xl flex-col gap-4">
      <Skeleton className="h-56" />
      <Skeleton className="h-56" />
    </div>
  );
}
