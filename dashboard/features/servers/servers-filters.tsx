"use client";

import { X } from "lucide-react";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { Button } from "@/components/ui/button";
import type { Filter } from "./api";
import { Health, HEALTHS } from "./health";

const HEALTH_VALUES = HEALTHS.map((value) => ({ value }));
const ENABLED_VALUES = [{ value: "true" }, { value: "false" }];

export function ServersFilters({ filters, setFilters, clear }: ListState<Filter>) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchFilter
        label="Find in names and descriptions"
        value={filters.q}
        onChange={(q) => setFilters({ q })}
        className="w-full sm:w-64"
      />
      <FacetFilter
        name="Health"
        chosen={filters.health}
        onChange={(health) => setFilters({ health })}
        values={HEALTH_VALUES}
        draw={(status) => <Health status={status} />}
      />
      <FacetFilter
        name="State"
        chosen={filters.enabled}
        onChange={(enabled) => setFilters({ enabled })}
        values={ENABLED_VALUES}
        draw={(enabled) => (enabled === "true" ? "Enabled" : "Disabled")}
      />
      {filters.tag && (
        <Button aria-label="Take away the filter by tag" onClick={() => setFilters({ tag: null })}>
          Tag {filters.tag}
          <X aria-hidden className="text-ink-3" />
        </Button>
      )}
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={clear}>
          Clear all
        </Button>
      )}
    </div>
  );
}
