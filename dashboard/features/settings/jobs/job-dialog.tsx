"use client";

import { useQuery } from "@tanstack/react-query";
import { Name } from "@/components/names/name";
import { Failed } from "@/components/states/states";
import { Dialog } from "@/components/ui/dialog";
import { Facts, Mono } from "@/components/ui/facts";
import { JsonBlock } from "@/components/ui/json-block";
import { Skeleton } from "@/components/ui/skeleton";
import { ClockTime } from "@/components/ui/time";
import { jobQuery, type Job } from "./api";
import { JobOutcome } from "./job-outcome";
import { JobProgress, JobStatus } from "./job-status";
import { tookOf } from "./jobs-columns";
import { nameOfType } from "./types";

/** One job, looked at again until it has ended. */
export function JobDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const job = useQuery(jobQuery(id));
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={job.data ? nameOfType(job.data.type) : "Job"}
      className="max-w-2xl"
    >
      {job.data ? (
        <Body job={job.data} />
      ) : job.error ? (
        <Failed small what="The job" error={job.error} onRetry={() => void job.refetch()} />
      ) : (
        <Skeleton className="h-48" />
      )}
    </Dialog>
  );
}

function Body({ job }: { job: Job }) {
  const hasParams = Object.keys(job.params).length > 0;
  return (
    <div className="flex flex-col gap-5">
      <JobProgress job={job} />
      <Facts
        facts={[
          { name: "Status", value: <JobStatus status={job.status} /> },
          { name: "Asked for", value: <ClockTime at={job.created_at} /> },
          { name: "Begun", value: job.started_at && <ClockTime at={job.started_at} /> },
          { name: "Ended", value: job.finished_at && <ClockTime at={job.finished_at} /> },
          { name: "Took", value: tookOf(job) },
          { name: "Asked for by", value: job.created_by && <Name kind="user" id={job.created_by} /> },
          { name: "Id", value: <Mono>{job.id}</Mono>, copy: job.id },
        ]}
      />
      {hasParams && <JsonBlock label="Parameters" value={job.params} />}
      <JobOutcome job={job} />
    </div>
  );
}
