import type { Column } from "@tanstack/react-table";
import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { nextSort } from "./use-list-state";

interface Props<Row> {
  column: Column<Row>;
  sort?: string;
  onSort?: (sort: string) => void;
  children: ReactNode;
}

export function HeadCell<Row>({ column, sort, onSort, children }: Props<Row>) {
  const { meta, enableSorting } = column.columnDef;
  const sortable = onSort !== undefined && enableSorting === true;
  const descending = sort === `-${column.id}`;
  const sorted = descending || sort === column.id;
  return (
    <th
      scope="col"
      aria-sort={sorted ? (descending ? "descending" : "ascending") : undefined}
      className={cn(
        "h-9 px-2 text-xs font-medium text-ink-3 first:pl-4 last:pr-4",
        meta?.align === "right" ? "text-right" : "text-left",
        meta?.className,
      )}
    >
      {sortable ? (
        <button
          type="button"
          onClick={() => onSort(nextSort(sort ?? "", column.id))}
          className={cn(
            "-mx-1 inline-flex max-w-full items-center gap-1 rounded px-1 hover:text-ink",
            sorted && "text-ink",
          )}
        >
          <span className="truncate">{children}</span>
          <SortMark sorted={sorted} descending={descending} />
        </button>
      ) : (
        <span className="block truncate">{children}</span>
      )}
    </th>
  );
}

function SortMark({ sorted, descending }: { sorted: boolean; descending: boolean }) {
  const Icon = !sorted ? ChevronsUpDown : descending ? ArrowDown : ArrowUp;
  return <Icon aria-hidden className={cn("size-3 shrink-0", !sorted && "opacity-60")} />;
}
