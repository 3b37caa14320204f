"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FacetFilter, type FacetValue } from "@/components/data-table/facet-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { Button } from "@/components/ui/button";
import { useDirectory } from "@/lib/directory/directory";
import type { TimeRange } from "@/lib/time-range/time-range";
import { choicesQuery, type By, type Filter } from "./api";
import type { Share } from "./share";

type Props = { range: TimeRange } & ListState<Filter>;

const ENVIRONMENTS: FacetValue[] = [{ value: "dev" }, { value: "stg" }, { value: "prd" }];

export function CostsFilters({ range, filters, setFilters, clear }: Props) {
  const filter = (by: By, name: string, field: Filter) => (
    <GroupFilter
      by={by}
      name={name}
      field={field}
      range={range}
      chosen={filters[field]}
      onChange={(chosen) => setFilters({ [field]: chosen })}
    />
  );
  return (
    <div className="-mx-4 flex max-w-[calc(100%+2rem)] items-center gap-2 overflow-x-auto px-4 py-1 sm:mx-0 sm:max-w-none sm:flex-wrap sm:overflow-visible sm:px-0">
      {filter("server", "Server", "mcp_server")}
      {filter("tool", "Tool", "tool_name")}
      {filter("team", "Team", "team_id")}
      {filter("user", "User", "user_id")}
      {filter("key", "API key", "api_key_id")}
      <FacetFilter
        name="Environment"
        chosen={filters.environment}
        onChange={(environment) => setFilters({ environment })}
        values={ENVIRONMENTS}
      />
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={clear}>
          Clear all
        </Button>
      )}
    </div>
  );
}

interface GroupFilterProps {
  by: By;
  name: string;
  field: Filter;
  range: TimeRange;
  chosen: string | undefined;
  onChange: (chosen: string | null) => void;
}

const KINDS = { team: "team", user: "user", key: "api_key" } as const;

function GroupFilter({ by, name, field, range, chosen, onChange }: GroupFilterProps) {
  // Each is a sum over the whole range: asked for once somebody looks.
  const [opened, setOpened] = useState(false);
  const groups = useQuery({ ...choicesQuery(by, range), enabled: opened });
  // What is chosen by its id has its name elsewhere, and may not have cost anything in this range.
  const byId = by === "team" || by === "user" || by === "key";
  const missing =
    byId && (chosen?.split(",").some((id) => !groups.data?.some((one) => one.id === id)) ?? false);
  const directory = useDirectory(byId ? KINDS[by] : "server", missing);
  const nameOf = (id: string) => groups.data?.find((one) => one.id === id)?.name ?? directory.nameOf(id);
  return (
    <FacetFilter
      name={name}
      chosen={chosen}
      onChange={onChange}
      values={groups.data && valuesOf(groups.data, field)}
      draw={byId ? nameOf : undefined}
      onOpen={() => setOpened(true)}
    />
  );
}

/** The same tool may be on several servers: it is one value. */
function valuesOf(groups: readonly Share[], field: Filter): FacetValue[] {
  const counts = new Map<string, number>();
  for (const { narrows, total_requests } of groups) {
    const value = field === "environment" ? undefined : narrows?.[field];
    if (value) counts.set(value, (counts.get(value) ?? 0) + total_requests);
  }
  return [...counts].map(([value, count]) => ({ value, count }));
}
