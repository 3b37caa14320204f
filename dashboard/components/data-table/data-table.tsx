"use client";

import { flexRender, getCoreRowModel, useReactTable, type VisibilityState } from "@tanstack/react-table";
import { useState, type ReactNode } from "react";
import { Kbd } from "@/components/ui/kbd";
import { cn } from "@/lib/cn";
import type { Columns } from "./column-meta";
import { HeadCell } from "./head-cell";
import { TableBody } from "./table-body";

export interface DataTableProps<Row> {
  /** What the rows are: “Traces”. */
  label: string;
  columns: Columns<Row>;
  rows: readonly Row[];
  /** Which columns are not shown; all are by default. */
  visibility?: VisibilityState;
  /** As the API has it; without `onSort` the rows are in an order of their own. */
  sort?: string;
  onSort?: (sort: string) => void;
  hasMore?: boolean;
  onMore?: () => void;
  /** Below the rows: how many there are, or that more are coming. */
  footer?: ReactNode;
  className?: string;
}

const NOTHING_HIDDEN: VisibilityState = {};

/**
 * Rows of a list: only those in sight are drawn, and more are asked for before the end is reached. Where a row leads is
 * said by the link in one of its cells (RowLink).
 */
export function DataTable<Row extends { id: string }>(props: DataTableProps<Row>) {
  const {
    label,
    columns,
    rows,
    visibility = NOTHING_HIDDEN,
    sort,
    onSort,
    hasMore,
    onMore,
    footer,
    className,
  } = props;
  // Known once it is there: the rows below it are drawn first.
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- what it returns goes nowhere that is remembered
  const table = useReactTable<Row>({
    data: rows as Row[],
    columns,
    state: { columnVisibility: visibility },
    getRowId: ({ id }) => id,
    getCoreRowModel: getCoreRowModel(),
    manualSorting: true,
  });
  return (
    <div
      className={cn(
        "flex min-h-72 flex-col overflow-hidden rounded-xl border bg-surface shadow-card",
        className,
      )}
    >
      <div
        ref={setScroller}
        role="region"
        aria-label={label}
        // Scrolls, so the keyboard must reach it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="min-h-0 grow overflow-x-hidden overflow-y-auto -outline-offset-2 [contain:content]"
      >
        <table className="w-full table-fixed text-sm" aria-rowcount={hasMore ? -1 : rows.length + 1}>
          <thead className="sticky top-0 z-10 bg-surface shadow-[inset_0_-1px_var(--line)]">
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => (
                  <HeadCell key={header.id} column={header.column} sort={sort} onSort={onSort}>
                    {flexRender(header.column.columnDef.header, header.getContext())}
                  </HeadCell>
                ))}
              </tr>
            ))}
          </thead>
          <TableBody
            scroller={scroller}
            rows={table.getRowModel().rows}
            columns={columns}
            visibility={visibility}
            hasMore={hasMore}
            onMore={onMore}
          />
        </table>
      </div>
      {footer && (
        <div className="flex items-center justify-between gap-4 border-t px-4 py-2 text-xs text-ink-3 tabular-nums">
          <div>{footer}</div>
          <p className="flex items-center gap-1.5 max-lg:hidden">
            <Kbd>j</Kbd> <Kbd>k</Kbd> to move, <Kbd>Enter</Kbd> to open
          </p>
        </div>
      )}
    </div>
  );
}
