"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Archive } from "lucide-react";
import { Can } from "@/components/can";
import { More } from "@/components/data-table/more";
import { Refusal } from "@/components/layout/entrance";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { jobsQuery, type Job } from "@/features/settings/jobs/api";
import { useStartJob } from "@/features/settings/jobs/use-start-job";
import { SettingsPage } from "@/features/settings/settings-page";
import { asApiError } from "@/lib/api/problem";
import { BackupRows } from "./backup-rows";
import { backupOf } from "./backup-of";
import { RestoreCard } from "./restore-card";

export function BackupPage() {
  return (
    <SettingsPage
      title="Backup"
      description="Everything in Postgres as one file, written while everything serves"
    >
      <Content />
    </SettingsPage>
  );
}

function Content() {
  const jobs = useInfiniteQuery(jobsQuery({ type: "backup" }));
  const backups = jobs.data?.pages.flatMap((page) => page.jobs);
  const newest = backups?.map(backupOf).find((backup) => backup !== null) ?? null;
  return (
    <>
      <Card
        flush
        title="Backups"
        description="Those that were asked for here, the newest first"
        actions={
          <Can permission="settings:admin">
            <Start />
          </Can>
        }
      >
        {jobs.error && !backups ? (
          <Failed small what="The backups" error={jobs.error} onRetry={() => void jobs.refetch()} />
        ) : (
          <Rows backups={backups} />
        )}
        <More query={jobs} />
      </Card>
      <RestoreCard name={newest?.name ?? null} />
    </>
  );
}

function Rows({ backups }: { backups: readonly Job[] | undefined }) {
  if (!backups) return <Skeleton className="m-4 h-32" />;
  if (backups.length === 0) {
    return (
      <Notice small icon={Archive} title="No backup was asked for here yet">
        <p>
          Say where backups go with <code className="font-mono text-xs">BACKUP_URL</code>, then start one
          above. One that was written by the command is not listed.
        </p>
      </Notice>
    );
  }
  return <BackupRows backups={backups} />;
}

function Start() {
  const start = useStartJob();
  const problem = start.error ? asApiError(start.error) : null;
  return (
    <div className="flex flex-col items-end gap-2">
      <Button look="primary" disabled={start.isPending} onClick={() => start.mutate({ type: "backup" })}>
        Start a backup
      </Button>
      {problem && <Refusal requestId={problem.requestId}>{problem.message}</Refusal>}
    </div>
  );
}
