"use client";

import { useQuery } from "@tanstack/react-query";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import { useMay } from "@/lib/session/session";
import { approvalQuery, PENDING, type Approval } from "./api";
import { ApprovalFacts } from "./approval-facts";
import { ApprovalStatus } from "./approval-status";
import { ArgumentsView } from "./arguments-view";
import { Countdown } from "./countdown";
import { Decisions } from "./decisions";
import { Reason } from "./inbox-card";
import { Outcome } from "./outcome";
import { requesterOf } from "./who";

/** Exactly one, whatever became of it. */
export function ApprovalPage({ id }: { id: string }) {
  const mayRead = useMay("approvals:read");
  const { data: approval, error, refetch } = useQuery({ ...approvalQuery(id), enabled: mayRead });
  return (
    <Page
      title={approval ? `${approval.tool_name} on ${approval.mcp_server}` : "Approval"}
      permission="approvals:read"
      description={approval && <Under approval={approval} />}
      actions={<Back decided={approval !== undefined && approval.status !== PENDING} />}
    >
      {approval ? (
        <Body approval={approval} />
      ) : error ? (
        <Failed what="This approval" error={error} onRetry={() => void refetch()} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function Under({ approval }: { approval: Approval }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span role="status">
        <ApprovalStatus status={approval.status} />
      </span>
      {approval.status === PENDING && <Countdown until={approval.expires_at} />}
      <span className="break-words">
        {requesterOf(approval)}, <RelativeTime at={approval.created_at} />
      </span>
    </span>
  );
}

function Body({ approval }: { approval: Approval }) {
  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_26rem]">
      <Card title="What is asked">
        <div className="flex flex-col gap-4">
          {approval.reason && <Reason text={approval.reason} />}
          <ArgumentsView value={approval.arguments} />
          <Decisions approval={approval} />
        </div>
      </Card>
      <div className="flex min-w-0 flex-col gap-5">
        {approval.status !== PENDING && (
          <Card title="What became of it">
            <Outcome approval={approval} />
          </Card>
        )}
        <Card title="Details">
          <ApprovalFacts approval={approval} />
        </Card>
      </div>
    </div>
  );
}

/** To those that wait, or from one that waits no more to those like it. */
function Back({ decided }: { decided: boolean }) {
  return (
    <BackLink href={decided ? "/approvals?tab=history" : "/approvals"}>
      {decided ? "History" : "All that wait"}
    </BackLink>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading" className="grid gap-5 xl:grid-cols-[1fr_26rem]">
      <Skeleton className="h-72" />
      <Skeleton className="h-56" />
    </div>
  );
}
