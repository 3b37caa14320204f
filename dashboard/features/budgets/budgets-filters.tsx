"use client";

import { ChoiceFilter, ON_OR_OFF } from "@/components/data-table/choice-filter";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import type { BudgetScope, Filter } from "./api";
import { SCOPES } from "./scope";

const SCOPE_VALUES = Object.keys(SCOPES).map((value) => ({ value }));
const EFFECTS = [
  { value: "true", name: "Stops calls" },
  { value: "false", name: "Only tells" },
];

export function BudgetsFilters({ list }: { list: ListState<Filter> }) {
  const { filters, setFilters } = list;
  return (
    <FilterRow
      list={list}
      search={<SearchFilter label="Find by name" value={filters.q} onChange={(q) => setFilters({ q })} />}
    >
      <FacetFilter
        name="For"
        chosen={filters.scope_type}
        onChange={(scope_type) => setFilters({ scope_type })}
        values={SCOPE_VALUES}
        draw={(scope) => SCOPES[scope as BudgetScope] ?? scope}
      />
      <ChoiceFilter
        name="Effect"
        value={filters.enforce}
        onChange={(enforce) => setFilters({ enforce })}
        options={EFFECTS}
      />
      <ChoiceFilter
        name="State"
        value={filters.enabled}
        onChange={(enabled) => setFilters({ enabled })}
        options={ON_OR_OFF}
      />
    </FilterRow>
  );
}
