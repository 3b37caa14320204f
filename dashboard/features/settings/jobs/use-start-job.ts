"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { jobQuery, startJob, type Job, type JobParams, type JobType } from "./api";

interface Wanted {
  type: JobType;
  params?: JobParams;
}

/** Asks for a job; `onStarted` is told which it became. */
export function useStartJob(onStarted?: (job: Job) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ type, params }: Wanted) => startJob(type, params),
    onSuccess: (job) => {
      client.setQueryData(jobQuery(job.id).queryKey, job);
      void client.invalidateQueries({ queryKey: ["settings", "jobs", "list"] });
      onStarted?.(job);
    },
  });
}
