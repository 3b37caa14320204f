"use client";

import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { SearchX } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { inSentence } from "@/lib/in-words";
import { count } from "@/lib/number";
import { DataTable, type DataTableProps } from "./data-table";
import { DataTableSkeleton } from "./data-table-skeleton";
import type { ListState } from "./use-list-state";

interface Counted {
  /** Null where counting would take too long. */
  total: number | null;
}

interface Props<Page, Row> extends Pick<DataTableProps<Row>, "label" | "columns" | "visibility"> {
  query: UseInfiniteQueryResult<InfiniteData<Page>>;
  rowsOf: (page: Page) => readonly Row[];
  list: Pick<ListState<string>, "sort" | "setSort" | "filtered" | "clear">;
  /** Where there are no rows and no filters either: what to do about it. */
  empty: ReactNode;
  /** Said after how many there are. */
  note?: ReactNode;
  /** Among other things on a page that scrolls as a whole. */
  short?: boolean;
}

/** A list of the API, page by page, in each of its states. */
export function PagedTable<Page extends Counted, Row extends { id: string }>(props: Props<Page, Row>) {
  const { label, query, rowsOf, columns, visibility, list, empty, note, short } = props;
  const rows = useMemo(() => query.data?.pages.flatMap(rowsOf), [query.data, rowsOf]);
  if (query.error && !rows)
    return (
      <Failed what={`The ${inSentence(label)}`} error={query.error} onRetry={() => void query.refetch()} />
    );
  if (!rows) return <DataTableSkeleton columns={columns} visibility={visibility} />;
  if (rows.length === 0) return list.filtered ? <NoneLikeThat label={label} onClear={list.clear} /> : empty;
  const total = query.data?.pages[0]?.total ?? null;
  return (
    <DataTable
      label={label}
      className={short ? "max-h-[70vh] !min-h-0" : "grow"}
      columns={columns}
      visibility={visibility}
      rows={rows}
      sort={list.sort}
      onSort={list.setSort}
      hasMore={query.hasNextPage && !query.isFetchingNextPage && !query.isPlaceholderData}
      onMore={() => void query.fetchNextPage()}
      footer={
        <Footer query={query} shown={rows.length} total={total}>
          {note}
        </Footer>
      }
    />
  );
}

function NoneLikeThat({ label, onClear }: { label: string; onClear: () => void }) {
  return (
    <Notice
      icon={SearchX}
      title={`No ${inSentence(label)} like that`}
      actions={<Button onClick={onClear}>Clear all filters</Button>}
    >
      <p>Nothing here passes all the filters.</p>
    </Notice>
  );
}

interface FooterProps {
  query: Pick<
    UseInfiniteQueryResult,
    "hasNextPage" | "isFetchingNextPage" | "isFetchNextPageError" | "fetchNextPage"
  >;
  shown: number;
  total: number | null;
  children: ReactNode;
}

/** How many rows are here, whether there are more, and another try. */
function Footer({ query, shown, total, children }: FooterProps) {
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
  const loaded = total === null ? count(shown) : `${count(shown)} of ${count(total)}`;
  const more = query.isFetchingNextPage ? "loading more …" : "more below";
  return (
    <>
      {query.hasNextPage ? `${loaded} loaded, ${more}` : `${count(shown)} in all`}
      {children}
    </>
  );
}
