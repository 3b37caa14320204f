"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { LinkedFilters } from "@/components/data-table/linked-filters";
import { FilterRow } from "@/components/data-table/filter-row";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { inWords } from "@/lib/in-words";
import type { TimeRange } from "@/lib/time-range/time-range";
import { kindsOf } from "./kinds";
import { statsQuery, type Filter } from "./api";
import { Outcome } from "./outcome";

/** Filters that come with a link from elsewhere. */
const LINKED: Partial<Record<Filter, string>> = {
  resource_id: "One resource",
  actor_id: "One actor",
  ip_address: "One address",
  request_id: "One request",
};

interface Props {
  range: TimeRange;
  list: ListState<Filter>;
  actions?: ReactNode;
}

/** Of what the text leaves, the API counts the values to choose from. */
export function LogFilters({ range, list, actions }: Props) {
  const { filters, setFilters } = list;
  const { q } = filters;
  const stats = useQuery(statsQuery(range, q ? { q } : {}));
  return (
    <FilterRow
      list={list}
      actions={actions}
      search={
        <SearchFilter label="Find in names, ids and details" value={q} onChange={(q) => setFilters({ q })} />
      }
    >
      <FacetFilter
        name="Action"
        chosen={filters.action}
        onChange={(action) => setFilters({ action })}
        values={stats.data?.by_action}
      />
      <FacetFilter
        name="Outcome"
        chosen={filters.outcome}
        onChange={(outcome) => setFilters({ outcome })}
        values={stats.data?.by_outcome}
        draw={(outcome) => <Outcome outcome={outcome} />}
      />
      <FacetFilter
        name="By"
        chosen={filters.actor_type}
        onChange={(actor_type) => setFilters({ actor_type })}
        values={stats.data?.by_actor_type}
        draw={inWords}
      />
      <FacetFilter
        name="Kind"
        chosen={filters.resource_type}
        onChange={(resource_type) => setFilters({ resource_type })}
        values={stats.data && kindsOf(stats.data.by_action)}
        draw={inWords}
      />
      <LinkedFilters says={LINKED} filters={filters} setFilters={setFilters} />
    </FilterRow>
  );
}
