"use client";

import type { Row as TableRowModel, VisibilityState } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef } from "react";
import type { Columns } from "./column-meta";
import { TableRow } from "./table-row";
import { useRowKeys } from "./use-row-keys";

const ROW_HEIGHT = 41;
/** So many rows before the end more are asked for. */
const AHEAD = 20;
/** So many beyond each edge are drawn. */
const BEYOND = 8;

interface Props<Row> {
  scroller: HTMLElement | null;
  rows: readonly TableRowModel<Row>[];
  columns: Columns<Row>;
  visibility: VisibilityState;
  hasMore?: boolean;
  onMore?: () => void;
}

/** The rows in sight. Apart from the rest of the table, which is not drawn anew while one scrolls. */
export function TableBody<Row>({ scroller, rows, columns, visibility, hasMore, onMore }: Props<Row>) {
  // eslint-disable-next-line react-hooks/incompatible-library -- what it returns goes nowhere that is remembered
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (at) => rows[at]?.id ?? at,
    overscan: BEYOND,
  });
  const items = virtual.getVirtualItems();
  const nearEnd = hasMore && (items.at(-1)?.index ?? 0) >= rows.length - AHEAD;
  useEffect(() => {
    if (nearEnd) onMore?.();
  }, [nearEnd, onMore]);

  // Where the focus is going, until it is there: keys may come faster than rows are drawn.
  const goingTo = useRef<number | null>(null);
  const active = useCallback(() => {
    if (goingTo.current !== null) return goingTo.current;
    const row = document.activeElement?.closest<HTMLElement>("tr[data-index]");
    return row && scroller?.contains(row) ? Number(row.dataset.index) : -1;
  }, [scroller]);
  const goTo = useCallback(
    (at: number) => {
      goingTo.current = at;
      virtual.scrollToIndex(at);
      requestAnimationFrame(() => {
        if (goingTo.current !== at) return;
        goingTo.current = null;
        scroller?.querySelector<HTMLElement>(`tr[data-index="${at}"] a`)?.focus();
      });
    },
    [virtual, scroller],
  );
  useRowKeys(rows.length, active, goTo);

  return (
    <tbody>
      <Gap height={items[0]?.start ?? 0} />
      {items.map((item) => {
        const row = rows[item.index];
        return (
          row && (
            <TableRow key={item.key} row={row} index={item.index} columns={columns} visibility={visibility} />
          )
        );
      })}
      <Gap height={virtual.getTotalSize() - (items.at(-1)?.end ?? 0)} />
    </tbody>
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
