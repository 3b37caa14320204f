"use client";

import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { LinkedFilters } from "@/components/data-table/linked-filters";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import type { Filter } from "./api";
import { Health, HEALTHS } from "./health";

const HEALTH_VALUES = HEALTHS.map((value) => ({ value }));
const STATES = [
  { value: "true", name: "Enabled" },
  { value: "false", name: "Disabled" },
];

export function ServersFilters({ list }: { list: ListState<Filter> }) {
  const { filters, setFilters } = list;
  return (
    <FilterRow
      list={list}
      search={
        <SearchFilter
          label="Find in names and descriptions"
          value={filters.q}
          onChange={(q) => setFilters({ q })}
        />
      }
    >
      <FacetFilter
        name="Health"
        chosen={filters.health}
        onChange={(health) => setFilters({ health })}
        values={HEALTH_VALUES}
        draw={(status) => <Health status={status} />}
      />
      <ChoiceFilter
        name="State"
        value={filters.enabled}
        onChange={(enabled) => setFilters({ enabled })}
        options={STATES}
      />
      <LinkedFilters says={{ tag: `Tag ${filters.tag}` }} filters={filters} setFilters={setFilters} />
    </FilterRow>
  );
}
