"use client";

import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { LinkedFilters } from "@/components/data-table/linked-filters";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { Name } from "@/components/names/name";
import { Button } from "@/components/ui/button";
import { useDirectory } from "@/lib/directory/directory";
import { ENVIRONMENT_OPTIONS } from "@/lib/environments";
import { useMe } from "@/lib/session/session";
import type { Filter } from "./api";
import { STATUS_OPTIONS } from "./words";

export function KeysFilters({ list }: { list: ListState<Filter> }) {
  const { filters, setFilters } = list;
  const { user } = useMe();
  const { options = [] } = useDirectory("team");
  const whose =
    filters.user_id === user?.id ? (
      "Your keys"
    ) : (
      <>
        Keys of <Name kind="user" id={filters.user_id ?? ""} />
      </>
    );
  return (
    <FilterRow
      list={list}
      search={
        <SearchFilter label="Find by name or prefix" value={filters.q} onChange={(q) => setFilters({ q })} />
      }
    >
      <ChoiceFilter
        name="Status"
        value={filters.status}
        options={STATUS_OPTIONS}
        onChange={(status) => setFilters({ status })}
      />
      <ChoiceFilter
        name="Environment"
        value={filters.environment}
        options={ENVIRONMENT_OPTIONS}
        onChange={(environment) => setFilters({ environment })}
      />
      {options.length > 0 && (
        <ChoiceFilter
          name="Team"
          value={filters.team_id}
          options={options}
          onChange={(team_id) => setFilters({ team_id })}
        />
      )}
      {filters.user_id ? (
        <LinkedFilters says={{ user_id: whose }} filters={filters} setFilters={setFilters} />
      ) : (
        user && (
          <Button className="border-dashed" onClick={() => setFilters({ user_id: user.id })}>
            Mine
          </Button>
        )
      )}
    </FilterRow>
  );
}
