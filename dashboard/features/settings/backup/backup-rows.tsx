import { Link } from "@/components/link";
import { CopyButton } from "@/components/ui/copy-button";
import { RelativeTime } from "@/components/ui/time";
import type { Job } from "@/features/settings/jobs/api";
import { jobHref } from "@/features/settings/jobs/job-href";
import { JobProgress, JobStatus } from "@/features/settings/jobs/job-status";
import { bytes } from "@/lib/number";
import { backupOf } from "./backup-of";
import { restoreCommand } from "./restore-command";

export function BackupRows({ backups }: { backups: readonly Job[] }) {
  return (
    <ul>
      {backups.map((job) => (
        <BackupRow key={job.id} job={job} />
      ))}
    </ul>
  );
}

function BackupRow({ job }: { job: Job }) {
  const backup = backupOf(job);
  return (
    <li className="flex flex-col gap-1.5 border-t px-4 py-2.5 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <JobStatus status={job.status} />
        <Link href={jobHref(job)} className="min-w-0 font-medium break-all hover:underline">
          {backup?.name ?? "Backup"}
        </Link>
        {backup && (
          <CopyButton
            text={restoreCommand(backup.name)}
            label={`Copy the command that restores ${backup.name}`}
          />
        )}
        <span className="ml-auto flex gap-3 text-ink-3 tabular-nums">
          {backup?.bytes != null && <span>{bytes(backup.bytes)}</span>}
          <RelativeTime at={job.created_at} />
        </span>
      </div>
      <JobProgress job={job} />
      {job.error && <p className="text-sm text-bad">{job.error}</p>}
    </li>
  );
}
