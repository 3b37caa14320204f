"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { ListFooter } from "@/components/data-table/list-footer";
import { useListState } from "@/components/data-table/use-list-state";
import { Failed } from "@/components/states/states";
import { useDirectory } from "@/lib/directory/directory";
import { useMay } from "@/lib/session/session";
import type { TimeRange } from "@/lib/time-range/time-range";
import { CHARGES_SORT, chargesQuery, FILTERS } from "./api";
import { chargesColumns, traceHref } from "./charges-columns";
import { NoCosts } from "./shares";

const NOTHING_HIDDEN = {};

/** Each call that was charged; a row leads to its trace. */
export function Charges({ range }: { range: TimeRange }) {
  const router = useRouter();
  const { filters, sort, setSort, clear } = useListState(FILTERS, CHARGES_SORT);
  const mayTraces = useMay("traces:read");
  const users = useDirectory("user");
  const keys = useDirectory("api_key");
  const charges = useInfiniteQuery(chargesQuery(range, filters, sort));
  const rows = useMemo(() => charges.data?.pages.flatMap((page) => page.costs) ?? [], [charges.data]);
  const columns = chargesColumns(mayTraces, users.nameOf, keys.nameOf);

  if (charges.error && !charges.data)
    return <Failed small what="The calls" error={charges.error} onRetry={() => void charges.refetch()} />;
  if (!charges.data) return <DataTableSkeleton columns={columns} visibility={NOTHING_HIDDEN} />;
  if (rows.length === 0) return <NoCosts filtered={Object.keys(filters).length > 0} onClear={clear} />;
  return (
    <DataTable
      label="Charged calls"
      className="max-h-144"
      columns={columns}
      visibility={NOTHING_HIDDEN}
      rows={rows}
      rowId={(charge) => charge.id}
      onOpen={(charge) => {
        if (mayTraces && charge.trace_id) router.push(traceHref(charge.trace_id));
      }}
      sort={sort}
      onSort={setSort}
      hasMore={charges.hasNextPage && !charges.isFetchingNextPage && !charges.isPlaceholderData}
      onMore={() => void charges.fetchNextPage()}
      footer={<ListFooter shown={rows.length} {...charges} />}
    />
  );
}
