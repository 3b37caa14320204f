import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

export interface PlainColumn {
  name: string;
  /** Width, and from which width of the window on it is shown; for the head. Cells repeat it. */
  className?: string;
  /** For columns of buttons: the name is for those who do not see them. */
  quiet?: boolean;
}

/** A short list with controls in its rows. Long ones are in a DataTable. */
export function PlainTable({
  label,
  columns,
  children,
}: {
  label: string;
  columns: readonly PlainColumn[];
  children: ReactNode;
}) {
  return (
    <table className="w-full table-fixed text-sm">
      <caption className="sr-only">{label}</caption>
      <thead>
        <tr className="border-y bg-sunken/60 text-left text-xs text-ink-3">
          {columns.map(({ name, className, quiet }) => (
            <th
              key={name}
              scope="col"
              className={cn(
                "px-2 py-1.5 font-medium first:pl-4 last:pr-4 sm:first:pl-5 sm:last:pr-5",
                className,
              )}
            >
              {quiet ? <span className="sr-only">{name}</span> : name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="[&_td]:px-2 [&_td]:py-2 [&_td:first-child]:pl-4 sm:[&_td:first-child]:pl-5 [&_td:last-child]:pr-4 sm:[&_td:last-child]:pr-5 [&>tr]:border-b [&>tr:last-child]:border-0">
        {children}
      </tbody>
    </table>
  );
}
