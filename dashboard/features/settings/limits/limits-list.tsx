"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { useMemo } from "react";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { Listing } from "@/features/settings/listing/listing";
import { ON_OR_OFF, SelectFilter } from "@/features/settings/listing/select-filter";
import { LIMIT_FILTERS, LIMITS_SORT, limitsQuery } from "./api";
import { SCOPES } from "./limit-words";
import { limitHref, LIMITS_COLUMNS } from "./limits-columns";

const KINDS = [
  { value: "rate", name: "Rate" },
  { value: "quota", name: "Quota" },
];

export function LimitsList() {
  const { filters, setFilters, sort, setSort, clear } = useListState(LIMIT_FILTERS, LIMITS_SORT);
  const limits = useInfiniteQuery(limitsQuery(filters, sort));
  const rows = useMemo(() => limits.data?.pages.flatMap((page) => page.rate_limits) ?? [], [limits.data]);
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap gap-2">
        <SearchFilter
          label="Find in names"
          value={filters.q}
          onChange={(q) => setFilters({ q })}
          className="w-full sm:w-52"
        />
        <SelectFilter
          label="Covers"
          value={filters.scope_type}
          onChange={(scope_type) => setFilters({ scope_type })}
          choices={SCOPES}
        />
        <SelectFilter
          label="Kind"
          value={filters.kind}
          onChange={(kind) => setFilters({ kind })}
          choices={KINDS}
        />
        <SelectFilter
          label="State"
          value={filters.enabled}
          onChange={(enabled) => setFilters({ enabled })}
          choices={ON_OR_OFF}
        />
      </div>
      <Listing
        label="Limits"
        pages={limits}
        rows={rows}
        columns={LIMITS_COLUMNS}
        hrefOf={limitHref}
        sort={sort}
        onSort={setSort}
        empty={
          <Notice
            icon={Gauge}
            title={isFiltered ? "No limit is like that" : "No further limit"}
            actions={isFiltered && <Button onClick={clear}>Clear all filters</Button>}
          >
            {!isFiltered && (
              <p>Make one for a team, a server or a tool that needs less than the rates above.</p>
            )}
          </Notice>
        }
      />
    </div>
  );
}
