import type { VisibilityState } from "@tanstack/react-table";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import type { Columns } from "./column-meta";

interface Props<Row> {
  columns: Columns<Row>;
  visibility?: VisibilityState;
}

const ROWS = Array.from({ length: 12 }, (_, row) => row);

/** A table whose rows are on their way, in its own columns. */
export function DataTableSkeleton<Row>({ columns, visibility = {} }: Props<Row>) {
  const shown = columns.filter(({ id = "" }) => visibility[id] !== false);
  return (
    <div
      role="status"
      aria-label="Loading"
      className="overflow-hidden rounded-xl border bg-surface shadow-card"
    >
      <table aria-hidden className="w-full table-fixed">
        <tbody>
          {ROWS.map((row) => (
            <tr key={row} className="h-[41px] border-b last:border-0">
              {shown.map(({ id, meta }) => (
                <td key={id} className={cn("px-2 first:pl-4 last:pr-4", meta?.className)}>
                  <Skeleton
                    className={cn("h-3.5 max-w-32", meta?.align === "right" ? "ml-auto w-12" : "w-4/5")}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
