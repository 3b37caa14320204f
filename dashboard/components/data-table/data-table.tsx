"use client";

import { flexRender, getCoreRowModel, useReactTable, type VisibilityState } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef, type ReactNode } from "react";
import { Kbd } from "@/components/ui/kbd";
import { cn } from "@/lib/cn";
import type { Columns } from "./column-meta";
import { HeadCell } from "./head-cell";
import { TableRow } from "./table-row";
import { useRowKeys } from "./use-row-keys";

const ROW_HEIGHT = 41;
const AHEAD = 20;

export interface DataTableProps<Row> {
  /** What the rows are: “Traces”. */
  label: string;
  columns: Columns<Row>;
  rows: readonly Row[];
  rowId: (row: Row) => string;
  /** Where a row leads. One of its cells holds the link to it (RowLink). */
  onOpen: (row: Row) => void;
  visibility: VisibilityState;
  /** As the API has it; without `onSort` the rows are in an order of their own. */
  sort?: string;
  onSort?: (sort: string) => void;
  hasMore?: boolean;
  onMore?: () => void;
  /** Below the rows: how many there are, or that more are coming. */
  footer?: ReactNode;
  className?: string;
}

/** Rows of a list: only those in sight are drawn, and more are asked for before the end is reached. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    label,
    columns,
    rows,
    rowId,
    onOpen,
    visibility,
    sort,
    onSort,
    hasMore,
    onMore,
    footer,
    className,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- what it returns goes nowhere that is remembered
  const table = useReactTable<Row>({
    data: rows as Row[],
    columns,
    state: { columnVisibility: visibility },
    getRowId: rowId,
    getCoreRowModel: getCoreRowModel(),
    manualSorting: true,
  });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (at) => rowId(rows[at] as Row),
    overscan: AHEAD,
  });

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const nearEnd = hasMore && last >= rows.length - AHEAD;
  useEffect(() => {
    if (nearEnd) onMore?.();
  }, [nearEnd, onMore]);

  // Where the focus is going, until it is there: keys may come faster than rows are drawn.
  const goingTo = useRef<number | null>(null);
  const active = useCallback(() => {
    if (goingTo.current !== null) return goingTo.current;
    const row = document.activeElement?.closest<HTMLElement>("tr[data-index]");
    return row && scroller.current?.contains(row) ? Number(row.dataset.index) : -1;
  }, []);
  const goTo = useCallback(
    (at: number) => {
      goingTo.current = at;
      virtual.scrollToIndex(at);
      requestAnimationFrame(() => {
        if (goingTo.current !== at) return;
        goingTo.current = null;
        scroller.current?.querySelector<HTMLElement>(`tr[data-index="${at}"] a`)?.focus();
      });
    },
    [virtual],
  );
  useRowKeys(rows.length, active, goTo);

  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const rowsById = table.getRowModel().rows;
  return (
    <div
      className={cn(
        "flex min-h-72 flex-col overflow-hidden rounded-xl border bg-surface shadow-card",
        className,
      )}
    >
      <div
        ref={scroller}
        role="region"
        aria-label={label}
        // Scrolls, so the keyboard must reach it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="min-h-0 grow overflow-x-hidden overflow-y-auto -outline-offset-2"
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
          <tbody>
            <Gap height={above} />
            {items.map((item) => {
              const row = rowsById[item.index];
              return row && <TableRow key={item.key} row={row} index={item.index} onOpen={onOpen} />;
            })}
            <Gap height={below} />
          </tbody>
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

/** The room of the rows that are out of sight. */
function Gap({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td style={{ height }} />
    </tr>
  );
}
