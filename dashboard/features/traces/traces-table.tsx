"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import type { VisibilityState } from "@tanstack/react-table";
import { ListTree } from "lucide-react";
import { PagedTable } from "@/components/data-table/paged-table";
import type { ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import type { TimeRange } from "@/lib/time-range/time-range";
import { tracesQuery, type Filter } from "./api";
import { TRACES_COLUMNS } from "./traces-columns";

interface Props {
  range: TimeRange;
  list: ListState<Filter>;
  visibility: VisibilityState;
}

export function TracesTable({ range, list, visibility }: Props) {
  const traces = useInfiniteQuery(tracesQuery(range, list.filters, list.sort));
  return (
    <PagedTable
      label="Traces"
      query={traces}
      rowsOf={(page) => page.traces}
      columns={TRACES_COLUMNS}
      visibility={visibility}
      list={list}
      empty={
        <Notice icon={ListTree} title="No calls in this range of time">
          <p>
            A trace is kept of every call that an MCP client makes through the gateway. Choose a longer range
            above, or make a call: it is here a second later.
          </p>
        </Notice>
      }
    />
  );
}
