"use client";

import { FacetFilter } from "@/components/data-table/facet-filter";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { Button } from "@/components/ui/button";
import type { BudgetScope, Filter } from "./api";
import { SCOPES } from "./scope";

const SCOPE_VALUES = Object.keys(SCOPES).map((value) => ({ value }));
const YES_OR_NO = [{ value: "true" }, { value: "false" }];

export function BudgetsFilters({ filters, setFilters, clear }: ListState<Filter>) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchFilter
        label="Find by name"
        value={filters.q}
        onChange={(q) => setFilters({ q })}
        className="w-full sm:w-64"
      />
      <FacetFilter
        name="For"
        chosen={filters.scope_type}
        onChange={(scope_type) => setFilters({ scope_type })}
        values={SCOPE_VALUES}
        draw={(scope) => SCOPES[scope as BudgetScope] ?? scope}
      />
      <FacetFilter
        name="Enforced"
        chosen={filters.enforce}
        onChange={(enforce) => setFilters({ enforce })}
        values={YES_OR_NO}
        draw={(value) => (value === "true" ? "Stops calls" : "Only tells")}
      />
      <FacetFilter
        name="On or off"
        chosen={filters.enabled}
        onChange={(enabled) => setFilters({ enabled })}
        values={YES_OR_NO}
        draw={(value) => (value === "true" ? "On" : "Off")}
      />
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={clear}>
          Clear all
        </Button>
      )}
    </div>
  );
}
