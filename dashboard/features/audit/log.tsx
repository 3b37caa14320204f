"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { PagedTable } from "@/components/data-table/paged-table";
import type { ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import type { TimeRange } from "@/lib/time-range/time-range";
import { logQuery, type Filter } from "./api";
import { LOG_COLUMNS } from "./log-columns";
import { LogFilters } from "./log-filters";

export function Log({ range, list }: { range: TimeRange; list: ListState<Filter> }) {
  const [visibility, setVisible] = useColumns("audit");
  const log = useInfiniteQuery(logQuery(range, list.filters, list.sort));
  return (
    <>
      <LogFilters
        range={range}
        list={list}
        actions={<ColumnMenu columns={LOG_COLUMNS} visibility={visibility} onChange={setVisible} />}
      />
      <PagedTable
        label="Audit rows"
        query={log}
        rowsOf={(page) => page.audit_logs}
        columns={LOG_COLUMNS}
        visibility={visibility}
        list={list}
        empty={
          <Notice icon={ScrollText} title="Nothing was recorded in this range of time">
            <p>Choose a longer range above. Ordinary calls are traces, not audit rows.</p>
          </Notice>
        }
      />
    </>
  );
}
