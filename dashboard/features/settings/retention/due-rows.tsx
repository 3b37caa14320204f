import { RelativeTime } from "@/components/ui/time";
import type { Job } from "@/features/settings/jobs/api";
import { count, plural } from "@/lib/number";
import { dueOf } from "./due-of";

/** Rows by table, and whole partitions. */
export function DueRows({ job }: { job: Job }) {
  const { rows, partitions, isDry } = dueOf(job.result);
  const isNothing = rows.length === 0 && partitions.length === 0;
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p className="text-ink-2">
        {isDry ? "Counted" : "Deleted"} {job.finished_at && <RelativeTime at={job.finished_at} />}.{" "}
        {isNothing && (isDry ? "Nothing would go." : "Nothing was due.")}
      </p>
      {rows.length > 0 && (
        <table className="w-full max-w-md">
          <thead>
            <tr className="border-b text-xs text-ink-3">
              <th scope="col" className="py-1.5 text-left font-medium">
                What
              </th>
              <th scope="col" className="py-1.5 text-right font-medium">
                Rows
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.table} className="border-b last:border-0">
                <th scope="row" className="py-1.5 text-left font-normal break-all">
                  {row.table.replaceAll("_", " ")}
                </th>
                <td className="py-1.5 text-right tabular-nums">{count(row.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {partitions.length > 0 && (
        <details>
          <summary className="rounded">
            {plural(partitions.length, "whole partition")}, whose rows are not counted
          </summary>
          <ul className="mt-1 pl-4 font-mono text-xs text-ink-2">
            {partitions.map((name) => (
              <li key={name} className="break-all">
                {name}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
