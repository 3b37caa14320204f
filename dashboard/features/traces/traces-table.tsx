"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import type { VisibilityState } from "@tanstack/react-table";
import { ListTree } from "lucide-react";
import { useMemo } from "react";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { ListFooter } from "@/components/data-table/list-footer";
import type { ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import type { TimeRange } from "@/lib/time-range/time-range";
import { tracesQuery, type Filter } from "./api";
import { useOpenTrace } from "./use-open-trace";
import { TRACES_COLUMNS } from "./traces-columns";

type Props = { range: TimeRange; visibility: VisibilityState } & ListState<Filter>;

export function TracesTable({ range, filters, sort, setSort, clear, visibility }: Props) {
  const open = useOpenTrace();
  const traces = useInfiniteQuery(tracesQuery(range, filters, sort));
  const rows = useMemo(() => traces.data?.pages.flatMap((page) => page.traces) ?? [], [traces.data]);

  if (traces.error && !traces.data)
    return <Failed what="The traces" error={traces.error} onRetry={() => void traces.refetch()} />;
  if (!traces.data) return <DataTableSkeleton columns={TRACES_COLUMNS} visibility={visibility} />;
  if (rows.length === 0) return <NoTraces filtered={Object.keys(filters).length > 0} onClear={clear} />;
  return (
    <DataTable
      label="Traces"
      className="grow"
      columns={TRACES_COLUMNS}
      visibility={visibility}
      rows={rows}
      rowId={(span) => span.id}
      onOpen={open}
      sort={sort}
      onSort={setSort}
      hasMore={traces.hasNextPage && !traces.isFetchingNextPage && !traces.isPlaceholderData}
      onMore={() => void traces.fetchNextPage()}
      footer={<ListFooter shown={rows.length} {...traces} />}
    />
  );
}

function NoTraces({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <Notice
        icon={ListTree}
        title="No trace is like that"
        actions={<Button onClick={onClear}>Clear all filters</Button>}
      >
        <p>None in this range of time passes all the filters.</p>
      </Notice>
    );
  }
  return (
    <Notice icon={ListTree} title="No calls in this range of time">
      <p>
        A trace is kept of every call that an MCP client makes through the gateway. Choose a longer range
        above, or make a call: it is here a second later.
      </p>
    </Notice>
  );
}
