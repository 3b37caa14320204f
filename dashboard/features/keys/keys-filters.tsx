"use client";

import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { PersonName } from "@/components/access/names";
import { teamNamesQuery } from "@/components/access/queries";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { Button } from "@/components/ui/button";
import { useMay, useMe } from "@/lib/session/session";
import type { Filter } from "./api";
import { ENVIRONMENT_OPTIONS, STATUS_OPTIONS } from "./words";

export function KeysFilters({ filters, setFilters, clear }: ListState<Filter>) {
  const { user } = useMe();
  const maySeeTeams = useMay("teams:read");
  const teams = useQuery({ ...teamNamesQuery, enabled: maySeeTeams });
  const options = teams.data?.teams.map((team) => ({ value: team.id, name: team.name })) ?? [];
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchFilter
        label="Find by name or prefix"
        value={filters.q}
        onChange={(q) => setFilters({ q })}
        className="w-full sm:w-64"
      />
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
        <Button onClick={() => setFilters({ user_id: null })}>
          <span>
            <span className="sr-only">Take away: </span>
            Keys of {filters.user_id === user?.id ? "yours" : <PersonName id={filters.user_id} />}
          </span>
          <X aria-hidden className="text-ink-3" />
        </Button>
      ) : (
        user && (
          <Button className="border-dashed" onClick={() => setFilters({ user_id: user.id })}>
            Mine
          </Button>
        )
      )}
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={clear}>
          Clear all
        </Button>
      )}
    </div>
  );
}
