"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { ListFooter } from "@/components/data-table/list-footer";
import { useListState, type ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import {
  DETECTION_FILTERS,
  DETECTION_SORT,
  detectionsQuery,
  type DetectionFilter,
} from "@/features/safety/api";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { DETECTION_COLUMNS } from "./detection-columns";
import { detectionHref } from "./detection-href";
import { DetectionFilters } from "./detection-filters";

export function Detections() {
  const list = useListState(DETECTION_FILTERS, DETECTION_SORT);
  const [visibility, setVisible] = useColumns("detections");
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-2">
        <DetectionFilters {...list} />
        <ColumnMenu columns={DETECTION_COLUMNS} visibility={visibility} onChange={setVisible} />
      </div>
      <Rows {...list} visibility={visibility} />
    </>
  );
}

type RowsProps = { visibility: ReturnType<typeof useColumns>[0] } & ListState<DetectionFilter>;

function Rows({ filters, sort, setSort, clear, visibility }: RowsProps) {
  const router = useRouter();
  const [range] = useTimeRange();
  const detections = useInfiniteQuery(detectionsQuery(range, filters, sort));
  const rows = useMemo(
    () => detections.data?.pages.flatMap((page) => page.detections) ?? [],
    [detections.data],
  );

  if (detections.error && !detections.data)
    return (
      <Failed what="The detections" error={detections.error} onRetry={() => void detections.refetch()} />
    );
  if (!detections.data) return <DataTableSkeleton columns={DETECTION_COLUMNS} visibility={visibility} />;
  if (rows.length === 0) {
    const filtered = Object.keys(filters).length > 0;
    return (
      <Notice
        icon={ShieldCheck}
        title={filtered ? "No detection is like that" : "Nothing was found in this range of time"}
        actions={filtered && <Button onClick={clear}>Clear all filters</Button>}
      >
        <p>Choose a longer range above. Whether a policy would find something can be tried in the test.</p>
      </Notice>
    );
  }
  return (
    <DataTable
      label="Detections"
      className="grow"
      columns={DETECTION_COLUMNS}
      visibility={visibility}
      rows={rows}
      rowId={({ id }) => id}
      onOpen={(detection) => router.push(detectionHref(detection))}
      sort={sort}
      onSort={setSort}
      hasMore={detections.hasNextPage && !detections.isFetchingNextPage && !detections.isPlaceholderData}
      onMore={() => void detections.fetchNextPage()}
      footer={<ListFooter shown={rows.length} {...detections} />}
    />
  );
}
