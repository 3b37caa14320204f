"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FacetFilter, type FacetValue } from "@/components/data-table/facet-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import type { ListState } from "@/components/data-table/use-list-state";
import { Name } from "@/components/names/name";
import type { Kind } from "@/lib/directory/kinds";
import { ENVIRONMENT_OPTIONS } from "@/lib/environments";
import type { TimeRange } from "@/lib/time-range/time-range";
import { choicesQuery, type By, type Filter } from "./api";
import type { Share } from "./share";

interface Props {
  range: TimeRange;
  list: ListState<Filter>;
}

export function CostsFilters({ range, list }: Props) {
  const { filters, setFilters } = list;
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
    <FilterRow list={list}>
      {filter("server", "Server", "mcp_server")}
      {filter("tool", "Tool", "tool_name")}
      {filter("team", "Team", "team_id")}
      {filter("user", "User", "user_id")}
      {filter("key", "API key", "api_key_id")}
      <FacetFilter
        name="Environment"
        chosen={filters.environment}
        onChange={(environment) => setFilters({ environment })}
        values={ENVIRONMENT_OPTIONS}
      />
    </FilterRow>
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

const KINDS: Partial<Record<By, Kind>> = { team: "team", user: "user", key: "api_key" };

function GroupFilter({ by, name, field, range, chosen, onChange }: GroupFilterProps) {
  // Each is a sum over the whole range: asked for once somebody looks.
  const [opened, setOpened] = useState(false);
  const groups = useQuery({ ...choicesQuery(by, range), enabled: opened });
  // What is chosen by its id has its name elsewhere, and may not have cost anything in this range.
  const kind = KINDS[by];
  const draw = (id: string) =>
    groups.data?.find((one) => one.id === id)?.name ?? (kind && <Name kind={kind} id={id} />);
  return (
    <FacetFilter
      name={name}
      chosen={chosen}
      onChange={onChange}
      values={groups.data && valuesOf(groups.data, field)}
      draw={kind && draw}
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
