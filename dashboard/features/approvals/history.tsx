"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { History as HistoryIcon } from "lucide-react";
import { useColumns } from "@/components/data-table/column-menu";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { DEFAULT_SORT, FILTERS, historyQuery, summaryQuery } from "./api";
import { HISTORY_COLUMNS } from "./history-columns";
import { HistoryFilters } from "./history-filters";

export function History() {
  const [range] = useTimeRange();
  const list = useListState(FILTERS, DEFAULT_SORT);
  const columns = useColumns("approvals");
  const summary = useQuery(summaryQuery(range));
  const history = useInfiniteQuery(historyQuery(range, list.filters, list.sort));
  return (
    <>
      <HistoryFilters list={list} columns={columns} summary={summary.data} />
      <PagedTable
        label="Approvals"
        query={history}
        rowsOf={(page) => page.approvals}
        columns={HISTORY_COLUMNS}
        visibility={columns[0]}
        list={list}
        empty={
          <Notice icon={HistoryIcon} title="Nobody asked in this range of time">
            <p>Choose a longer range above.</p>
          </Notice>
        }
      />
    </>
  );
}
