"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { ChoiceFilter, ON_OR_OFF } from "@/components/data-table/choice-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { LIMIT_FILTERS, LIMITS_SORT, limitsQuery } from "./api";
import { SCOPES } from "./limit-words";
import { LIMITS_COLUMNS } from "./limits-columns";

const KINDS = [
  { value: "rate", name: "Rate" },
  { value: "quota", name: "Quota" },
];

export function LimitsList() {
  const list = useListState(LIMIT_FILTERS, LIMITS_SORT);
  const { filters, setFilters } = list;
  const limits = useInfiniteQuery(limitsQuery(filters, list.sort));
  return (
    <div className="flex flex-col gap-3">
      <FilterRow
        list={list}
        search={<SearchFilter label="Find in names" value={filters.q} onChange={(q) => setFilters({ q })} />}
      >
        <ChoiceFilter
          name="Scope"
          value={filters.scope_type}
          onChange={(scope_type) => setFilters({ scope_type })}
          options={SCOPES}
        />
        <ChoiceFilter
          name="Kind"
          value={filters.kind}
          onChange={(kind) => setFilters({ kind })}
          options={KINDS}
        />
        <ChoiceFilter
          name="State"
          value={filters.enabled}
          onChange={(enabled) => setFilters({ enabled })}
          options={ON_OR_OFF}
        />
      </FilterRow>
      <PagedTable
        label="Limits"
        short
        query={limits}
        rowsOf={(page) => page.rate_limits}
        columns={LIMITS_COLUMNS}
        list={list}
        empty={
          <Notice icon={Gauge} title="No further limit">
            <p>Make one for a team, a server or a tool that needs less than the rates above.</p>
          </Notice>
        }
      />
    </div>
  );
}
