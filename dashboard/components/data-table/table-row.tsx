import { flexRender, type Row as TableRowModel, type VisibilityState } from "@tanstack/react-table";
import { memo, type ComponentProps, type MouseEvent } from "react";
import { Link } from "@/components/link";
import { cn } from "@/lib/cn";
import type { Columns } from "./column-meta";

interface Props<Row> {
  row: TableRowModel<Row>;
  index: number;
  /** What its cells are drawn by, and which of them are shown: the row is drawn anew when either changes. */
  columns: Columns<Row>;
  visibility: VisibilityState;
}

/** Drawn once, however often the table scrolls past. */
export const TableRow = memo(DrawnRow) as typeof DrawnRow;

/** A row is clicked anywhere, which is as if its link was. */
function DrawnRow<Row>({ row, index }: Props<Row>) {
  function open(event: MouseEvent<HTMLElement>) {
    const onControl = (event.target as HTMLElement).closest("a, button, input, label");
    if (onControl || window.getSelection()?.toString()) return;
    event.currentTarget.querySelector<HTMLElement>(`a[${ROW_LINK}]`)?.click();
  }
  return (
    // The keyboard has the link.

    <tr
      data-index={index}
      aria-rowindex={index + 2}
      onClick={open}
      className="group h-[41px] border-b border-line focus-within:bg-sunken hover:bg-sunken/60 has-[a]:cursor-pointer"
    >
      {row.getVisibleCells().map((cell) => {
        const meta = cell.column.columnDef.meta;
        return (
          <td
            key={cell.id}
            className={cn(
              "truncate px-2 first:pl-4 last:pr-4",
              meta?.align === "right" && "text-right tabular-nums",
              meta?.className,
            )}
          >
            {flexRender(cell.column.columnDef.cell, cell.getContext())}
          </td>
        );
      })}
    </tr>
  );
}

const ROW_LINK = "data-row-link";

/** The link of a row: what j, k and Enter reach. */
export function RowLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link
      {...{ [ROW_LINK]: "" }}
      className={cn("rounded-sm font-medium text-ink group-hover:underline", className)}
      {...rest}
    />
  );
}
