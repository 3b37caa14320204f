"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Can } from "@/components/can";
import { Refusal } from "@/components/layout/entrance";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { JobProgress } from "@/features/settings/jobs/job-status";
import { isUnfinished, jobQuery } from "@/features/settings/jobs/api";
import { useStartJob } from "@/features/settings/jobs/use-start-job";
import { asApiError } from "@/lib/api/problem";
import { useUrl } from "@/lib/url/use-url";
import { DueRows } from "./due-rows";

/** What would go now: counted by a job of retention that deletes nothing. */
export function DueCard({ isHeld }: { isHeld: boolean }) {
  const { parameters, change } = useUrl();
  const id = parameters.get("job");
  const [asks, setAsks] = useState(false);
  const start = useStartJob((job) => change({ job: job.id }));
  const problem = start.error ? asApiError(start.error) : null;
  return (
    <Card
      title="What would go now"
      description={
        isHeld
          ? "Nothing of yours: the legal hold is on"
          : "Counted by a dry run of what the clock does every hour"
      }
      actions={
        <Can permission="settings:admin">
          <div className="flex flex-wrap gap-2">
            <Button
              disabled={start.isPending}
              onClick={() => start.mutate({ type: "retention", params: { dry_run: true } })}
            >
              Count
            </Button>
            <Button look="danger" disabled={start.isPending} onClick={() => setAsks(true)}>
              Delete what is due
            </Button>
          </div>
        </Can>
      }
    >
      {problem && <Refusal requestId={problem.requestId}>{problem.message}</Refusal>}
      {id ? (
        <Outcome id={id} />
      ) : (
        <p className="text-sm text-ink-2">Count first: a dry run deletes nothing.</p>
      )}
      <ConfirmDialog
        open={asks}
        onOpenChange={setAsks}
        title="Delete what is due?"
        description="What is older than its saved days goes now instead of within the hour. It cannot be brought back."
        action="Delete what is due"
        name="delete"
        onConfirm={async () => start.mutate({ type: "retention", params: { dry_run: false } })}
      />
    </Card>
  );
}

function Outcome({ id }: { id: string }) {
  const job = useQuery(jobQuery(id));
  if (job.error && !job.data)
    return <Failed small what="The count" error={job.error} onRetry={() => void job.refetch()} />;
  if (!job.data) return null;
  if (job.data.error) return <Refusal>{job.data.error}</Refusal>;
  if (isUnfinished(job.data)) return <JobProgress job={job.data} />;
  return <DueRows job={job.data} />;
}
