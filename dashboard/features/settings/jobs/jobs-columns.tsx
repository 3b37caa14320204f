import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { RelativeTime } from "@/components/ui/time";
import { percent } from "@/lib/number";
import { duration } from "@/lib/time/time";
import type { Job } from "./api";
import { jobHref } from "./job-href";
import { JobStatus } from "./job-status";
import { nameOfType } from "./types";

const column = createColumnHelper<Job>();

export const JOBS_COLUMNS: Columns<Job> = [
  column.accessor("type", {
    id: "type",
    header: "Job",
    meta: { name: "Job", fixed: true },
    cell: ({ row: { original: job } }) => (
      <>
        <RowLink href={jobHref(job)}>{nameOfType(job.type)}</RowLink>
        {job.params.dry_run && <span className="ml-2 text-ink-3">dry run</span>}
      </>
    ),
  }),
  column.accessor("status", {
    id: "status",
    header: "Status",
    meta: { name: "Status", className: "w-32" },
    cell: ({ getValue }) => <JobStatus status={getValue()} />,
  }),
  column.accessor("progress", {
    id: "progress",
    header: "Done",
    meta: { name: "Done", className: "hidden w-20 sm:table-cell", align: "right" },
    cell: ({ getValue }) => percent(getValue()),
  }),
  column.display({
    id: "took",
    header: "Took",
    meta: { name: "Took", className: "hidden w-28 md:table-cell", align: "right" },
    cell: ({ row: { original: job } }) => tookOf(job) ?? <span className="text-ink-3">–</span>,
  }),
  column.accessor("created_at", {
    id: "created_at",
    header: "Asked for",
    enableSorting: true,
    meta: { name: "Asked for", className: "hidden w-32 sm:table-cell", align: "right" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];

export function tookOf({ started_at, finished_at }: Pick<Job, "started_at" | "finished_at">): string | null {
  if (!started_at || !finished_at) return null;
  return duration(Math.max(0, Date.parse(finished_at) - Date.parse(started_at)));
}
