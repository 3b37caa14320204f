"use client";

import { useQuery } from "@tanstack/react-query";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { LinkedFilters } from "@/components/data-table/linked-filters";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { QuietStatus } from "@/components/span-status";
import type { TimeRange } from "@/lib/time-range/time-range";
import { facetsQuery, type Facet, type Filter } from "./api";
import { SlownessFilter } from "./slowness-filter";

const FACETS: { facet: Facet; name: string }[] = [
  { facet: "status", name: "Status" },
  { facet: "mcp_server", name: "Server" },
  { facet: "tool_name", name: "Tool" },
  { facet: "environment", name: "Environment" },
  { facet: "error_type", name: "Reason" },
];

/** Filters that come with a link from elsewhere: they are shown, and can be taken away. */
const LINKED: Partial<Record<Filter, string>> = {
  user_id: "One user",
  team_id: "One team",
  api_key_id: "One API key",
  session_id: "One session",
};

export function TracesFilters({ range, list }: { range: TimeRange; list: ListState<Filter> }) {
  const { filters, setFilters } = list;
  const facets = useQuery(facetsQuery(range, filters));
  return (
    <FilterRow
      list={list}
      search={
        <SearchFilter
          label="Find in tools and errors"
          value={filters.q}
          onChange={(q) => setFilters({ q })}
        />
      }
    >
      {FACETS.map(({ facet, name }) => (
        <FacetFilter
          key={facet}
          name={name}
          chosen={filters[facet]}
          onChange={(chosen) => setFilters({ [facet]: chosen })}
          values={facets.data && (facets.data[facet] ?? [])}
          draw={facet === "status" ? (status) => <QuietStatus status={status} /> : undefined}
        />
      ))}
      <SlownessFilter
        least={filters.min_duration_ms}
        onChange={(least) => setFilters({ min_duration_ms: least })}
      />
      <LinkedFilters says={LINKED} filters={filters} setFilters={setFilters} />
    </FilterRow>
  );
}
