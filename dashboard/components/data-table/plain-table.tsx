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
      <tbody className="[&_th]:text-left [&_th]:font-normal [&>tr]:border-b [&>tr:last-child]:border-0 [&>tr>*]:px-2 [&>tr>*]:py-2 [&>tr>:first-child]:pl-4 sm:[&>tr>:first-child]:pl-5 [&>tr>:last-child]:pr-4 sm:[&>tr>:last-child]:pr-5">
        {children}
      </tbody>
    </table>
  );
}
