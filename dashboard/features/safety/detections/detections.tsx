"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { DETECTION_FILTERS, DETECTION_SORT, detectionsQuery } from "@/features/safety/api";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { DETECTION_COLUMNS } from "./detection-columns";
import { DetectionFilters } from "./detection-filters";

export function Detections() {
  const [range] = useTimeRange();
  const list = useListState(DETECTION_FILTERS, DETECTION_SORT);
  const [visibility, setVisible] = useColumns("detections");
  const detections = useInfiniteQuery(detectionsQuery(range, list.filters, list.sort));
  return (
    <>
      <DetectionFilters
        list={list}
        actions={<ColumnMenu columns={DETECTION_COLUMNS} visibility={visibility} onChange={setVisible} />}
      />
      <PagedTable
        label="Detections"
        query={detections}
        rowsOf={(page) => page.detections}
        columns={DETECTION_COLUMNS}
        visibility={visibility}
        list={list}
        empty={
          <Notice icon={ShieldCheck} title="Nothing was found in this range of time">
            <p>
              Choose a longer range above. Whether a policy would find something can be tried in the test.
            </p>
          </Notice>
        }
      />
    </>
  );
}
