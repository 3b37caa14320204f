"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { History as HistoryIcon } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { useColumns } from "@/components/data-table/column-menu";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { ListFooter } from "@/components/data-table/list-footer";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { DEFAULT_SORT, FILTERS, historyQuery, summaryQuery } from "./api";
import { approvalHref } from "./approval-href";
import { HISTORY_COLUMNS } from "./history-columns";
import { HistoryFilters } from "./history-filters";

export function History() {
  const [range] = useTimeRange();
  const list = useListState(FILTERS, DEFAULT_SORT);
  const columns = useColumns("approvals");
  const summary = useQuery(summaryQuery(range));
  return (
    <>
      <HistoryFilters {...list} columns={columns} summary={summary.data} />
      <Rows {...list} visibility={columns[0]} />
    </>
  );
}

type RowsProps = ReturnType<typeof useListState<(typeof FILTERS)[number]>> & {
  visibility: ReturnType<typeof useColumns>[0];
};

function Rows({ filters, sort, setSort, clear, visibility }: RowsProps) {
  const router = useRouter();
  const [range] = useTimeRange();
  const history = useInfiniteQuery(historyQuery(range, filters, sort));
  const rows = useMemo(() => history.data?.pages.flatMap((page) => page.approvals) ?? [], [history.data]);

  if (history.error && !history.data)
    return <Failed what="The history" error={history.error} onRetry={() => void history.refetch()} />;
  if (!history.data) return <DataTableSkeleton columns={HISTORY_COLUMNS} visibility={visibility} />;
  if (rows.length === 0) {
    const filtered = Object.keys(filters).length > 0;
    return (
      <Notice
        icon={HistoryIcon}
        title={filtered ? "No approval is like that" : "Nobody asked in this range of time"}
        actions={filtered && <Button onClick={clear}>Clear all filters</Button>}
      >
        <p>
          {filtered ? "None in this range of time passes all the filters." : "Choose a longer range above."}
        </p>
      </Notice>
    );
  }
  return (
    <DataTable
      label="History of approvals"
      className="grow"
      columns={HISTORY_COLUMNS}
      visibility={visibility}
      rows={rows}
      rowId={({ id }) => id}
      onOpen={(approval) => router.push(approvalHref(approval))}
      sort={sort}
      onSort={setSort}
      hasMore={history.hasNextPage && !history.isFetchingNextPage && !history.isPlaceholderData}
      onMore={() => void history.fetchNextPage()}
      footer={<ListFooter shown={rows.length} {...history} />}
    />
  );
}
