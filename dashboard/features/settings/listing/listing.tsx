"use client";

import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import type { Columns } from "@/components/data-table/column-meta";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { count } from "@/lib/number";

/** What is needed of an infinite query. */
interface Pages {
  data?: unknown;
  error: unknown;
  refetch: () => Promise<unknown>;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  isPlaceholderData: boolean;
  fetchNextPage: () => Promise<unknown>;
}

interface Props<Row> {
  /** “Webhooks”. */
  label: string;
  pages: Pages;
  rows: readonly Row[];
  columns: Columns<Row>;
  hrefOf: (row: Row) => string;
  sort?: string;
  onSort?: (sort: string) => void;
  /** What stands where there are none. */
  empty: ReactNode;
}

/** The rows of one noun: on their way, failed, none, or a table of them. */
export function Listing<Row extends { id: string }>(props: Props<Row>) {
  const { label, pages, rows, columns, hrefOf, sort, onSort, empty } = props;
  const router = useRouter();
  if (pages.error && !pages.data)
    return (
      <Failed what={`The ${label.toLowerCase()}`} error={pages.error} onRetry={() => void pages.refetch()} />
    );
  if (!pages.data) return <DataTableSkeleton columns={columns} visibility={{}} />;
  if (rows.length === 0) return empty;
  return (
    <DataTable
      label={label}
      className="max-h-[70vh] !min-h-0"
      columns={columns}
      visibility={{}}
      rows={rows}
      rowId={(row) => row.id}
      onOpen={(row) => router.push(hrefOf(row))}
      sort={sort}
      onSort={onSort}
      hasMore={pages.hasNextPage && !pages.isFetchingNextPage && !pages.isPlaceholderData}
      onMore={() => void pages.fetchNextPage()}
      footer={<Footer shown={rows.length} pages={pages} />}
    />
  );
}

function Footer({ shown, pages }: { shown: number; pages: Pages }) {
  if (pages.isFetchNextPageError) {
    return (
      <span className="flex items-center gap-3">
        More could not be loaded.
        <Button size="small" onClick={() => void pages.fetchNextPage()}>
          Try again
        </Button>
      </span>
    );
  }
  return pages.hasNextPage ? `${count(shown)} loaded, more below` : `${count(shown)} in all`;
}
