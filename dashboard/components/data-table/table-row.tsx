import { flexRender, type Row as TableRowModel, type VisibilityState } from "@tanstack/react-table";
import { memo, type ComponentProps, type MouseEvent } from "react";
import { Link } from "@/components/link";
import { cn } from "@/lib/cn";

interface Props<Row> {
  row: TableRowModel<Row>;
  index: number;
  /** Is to stay the same from one drawing to the next. */
  onOpen: (row: Row) => void;
  /** The columns that are shown: the row is drawn anew when they change. */
  visibility: VisibilityState;
}

/** Drawn once, however often the table scrolls past. */
export const TableRow = memo(DrawnRow) as typeof DrawnRow;

/** A row is clicked anywhere; for everything else there is the link in it. */
function DrawnRow<Row>({ row, index, onOpen }: Props<Row>) {
  function open(event: MouseEvent) {
    const onControl = (event.target as HTMLElement).closest("a, button, input, label");
    if (onControl || window.getSelection()?.toString()) return;
    onOpen(row.original);
  }
  return (
    // The keyboard has the link.

    <tr
      data-index={index}
      aria-rowindex={index + 2}
      onClick={open}
      className="group h-[41px] cursor-pointer border-b border-line focus-within:bg-sunken hover:bg-sunken/60"
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

/** The link of a row: what j, k and Enter reach. */
export function RowLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link className={cn("rounded-sm font-medium text-ink group-hover:underline", className)} {...rest} />
  );
}
