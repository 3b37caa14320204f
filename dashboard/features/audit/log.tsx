"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { ListFooter } from "@/components/data-table/list-footer";
import type { ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import type { TimeRange } from "@/lib/time-range/time-range";
import { logQuery, type Filter } from "./api";
import { entryHref } from "./entry-href";
import { LOG_COLUMNS } from "./log-columns";
import { LogFilters } from "./log-filters";

export function Log(props: { range: TimeRange } & ListState<Filter>) {
  const [visibility, setVisible] = useColumns("audit");
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-2">
        <LogFilters {...props} />
        <ColumnMenu columns={LOG_COLUMNS} visibility={visibility} onChange={setVisible} />
      </div>
      <Rows {...props} visibility={visibility} />
    </>
  );
}

type RowsProps = { range: TimeRange; visibility: ReturnType<typeof useColumns>[0] } & ListState<Filter>;

function Rows({ range, filters, sort, setSort, clear, visibility }: RowsProps) {
  const router = useRouter();
  const log = useInfiniteQuery(logQuery(range, filters, sort));
  const rows = useMemo(() => log.data?.pages.flatMap((page) => page.audit_logs) ?? [], [log.data]);

  if (log.error && !log.data)
    return <Failed what="The audit log" error={log.error} onRetry={() => void log.refetch()} />;
  if (!log.data) return <DataTableSkeleton columns={LOG_COLUMNS} visibility={visibility} />;
  if (rows.length === 0) {
    const filtered = Object.keys(filters).length > 0;
    return (
      <Notice
        icon={ScrollText}
        title={filtered ? "Nothing recorded is like that" : "Nothing was recorded in this range of time"}
        actions={filtered && <Button onClick={clear}>Clear all filters</Button>}
      >
        <p>Choose a longer range above. Ordinary calls are traces, not audit rows.</p>
      </Notice>
    );
  }
  return (
    <DataTable
      label="Audit log"
      className="grow"
      columns={LOG_COLUMNS}
      visibility={visibility}
      rows={rows}
      rowId={({ id }) => id}
      onOpen={(entry) => router.push(entryHref(entry))}
      sort={sort}
      onSort={setSort}
      hasMore={log.hasNextPage && !log.isFetchingNextPage && !log.isPlaceholderData}
      onMore={() => void log.fetchNextPage()}
      footer={<ListFooter shown={rows.length} {...log} />}
    />
  );
}
