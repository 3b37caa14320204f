"use client";

import type { VisibilityState } from "@tanstack/react-table";
import type { ReactNode } from "react";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { count } from "@/lib/number";
import type { Columns } from "./column-meta";
import { DataTable } from "./data-table";
import { DataTableSkeleton } from "./data-table-skeleton";

/** What an infinite query has of a list, whatever its rows are called. */
export interface PagedQuery {
  error: Error | null;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  isPlaceholderData: boolean;
  fetchNextPage: () => Promise<unknown>;
  refetch: () => Promise<unknown>;
}

interface Props<Row> {
  /** “Servers”. */
  label: string;
  query: PagedQuery;
  /** Undefined until the first page is there. */
  rows: readonly Row[] | undefined;
  total?: number | null;
  columns: Columns<Row>;
  visibility: VisibilityState;
  rowId: (row: Row) => string;
  onOpen: (row: Row) => void;
  sort: string;
  onSort: (sort: string) => void;
  /** Instead of a table without rows. */
  empty: ReactNode;
}

/** A list of the API, page by page, in each of its states. */
export function PagedTable<Row>({ label, query, rows, total, empty, ...table }: Props<Row>) {
  if (query.error && !rows)
    return (
      <Failed what={`The ${label.toLowerCase()}`} error={query.error} onRetry={() => void query.refetch()} />
    );
  if (!rows) return <DataTableSkeleton columns={table.columns} visibility={table.visibility} />;
  if (rows.length === 0) return empty;
  return (
    <DataTable
      {...table}
      label={label}
      rows={rows}
      className="grow"
      hasMore={query.hasNextPage && !query.isFetchingNextPage && !query.isPlaceholderData}
      onMore={() => void query.fetchNextPage()}
      footer={<Footer query={query} shown={rows.length} total={total ?? null} />}
    />
  );
}

function Footer({ query, shown, total }: { query: PagedQuery; shown: number; total: number | null }) {
  if (query.isFetchNextPageError) {
    return (
      <span className="flex items-center gap-3">
        More could not be loaded.
        <Button size="small" onClick={() => void query.fetchNextPage()}>
          Try again
        </Button>
      </span>
    );
  }
  if (!query.hasNextPage) return `${count(shown)} in all`;
  const of = total === null ? `${count(shown)} loaded` : `${count(shown)} of ${count(total)} loaded`;
  return query.isFetchingNextPage ? `${of}, loading more …` : of;
}
