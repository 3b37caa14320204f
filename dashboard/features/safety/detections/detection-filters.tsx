"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { FacetFilter, type FacetValue } from "@/components/data-table/facet-filter";
import { LinkedFilters } from "@/components/data-table/linked-filters";
import { FilterRow } from "@/components/data-table/filter-row";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { summaryQuery, type DetectionFilter } from "@/features/safety/api";
import { Action, Disposition, Severity } from "@/features/safety/looks";
import { ACTIONS, DETECTORS, DIRECTIONS, DISPOSITIONS, SEVERITIES } from "@/features/safety/vocabulary";
import { useDirectory } from "@/lib/directory/directory";
import { useTimeRange } from "@/lib/time-range/use-time-range";

/** Filters that come with a link from elsewhere. */
const LINKED: Partial<Record<DetectionFilter, string>> = {
  api_key_id: "One API key",
  user_id: "One user",
  trace_id: "One trace",
};

interface Props {
  list: ListState<DetectionFilter>;
  actions: ReactNode;
}

/** How often each value is in this range of time is what the summary counts. */
export function DetectionFilters({ list, actions }: Props) {
  const { filters, setFilters } = list;
  const [range] = useTimeRange();
  const summary = useQuery(summaryQuery(range)).data;
  const policies = useDirectory("policy");
  const facet = (filter: DetectionFilter) => ({
    chosen: filters[filter],
    onChange: (chosen: string | null) => setFilters({ [filter]: chosen }),
  });
  return (
    <FilterRow
      list={list}
      actions={actions}
      search={
        <SearchFilter
          label="Tool, by its exact name"
          value={filters.tool_name}
          onChange={(tool_name) => setFilters({ tool_name })}
        />
      }
    >
      <FacetFilter name="What" {...facet("type")} values={counted(DETECTORS, summary?.by_type)} />
      <FacetFilter
        name="Severity"
        {...facet("severity")}
        values={counted(SEVERITIES, summary?.by_severity)}
        draw={(severity) => <Severity severity={severity} />}
      />
      <FacetFilter
        name="Done"
        {...facet("action")}
        values={counted(ACTIONS, summary?.by_action)}
        draw={(action) => <Action action={action} />}
      />
      <FacetFilter
        name="Disposition"
        {...facet("disposition")}
        values={DISPOSITIONS}
        draw={(disposition) => <Disposition disposition={disposition} />}
      />
      <FacetFilter
        name="Server"
        {...facet("mcp_server")}
        values={summary && Object.entries(summary.by_server).map(([value, count]) => ({ value, count }))}
      />
      <FacetFilter name="In" {...facet("direction")} values={DIRECTIONS} />
      <FacetFilter name="Policy" {...facet("policy_id")} values={policies.options} draw={policies.nameOf} />
      <LinkedFilters says={LINKED} filters={filters} setFilters={setFilters} />
    </FilterRow>
  );
}

function counted(words: readonly FacetValue[], counts: Record<string, number> | undefined): FacetValue[] {
  return words.map(({ value, name }) => ({ value, name, count: counts && (counts[value] ?? 0) }));
}
