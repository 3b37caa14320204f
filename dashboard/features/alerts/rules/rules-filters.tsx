"use client";

import type { ReactNode } from "react";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { RULE_STATES, RuleState, SeverityBadge, SEVERITY_OPTIONS } from "@/features/alerts/looks";
import { metricName, METRICS } from "@/features/alerts/metrics";
import { useDirectory } from "@/lib/directory/directory";
import type { Filter } from "./api";

const STATE_VALUES = Object.keys(RULE_STATES).map((value) => ({ value }));
const METRIC_VALUES = Object.keys(METRICS).map((value) => ({ value }));

interface Props {
  list: ListState<Filter>;
  actions: ReactNode;
}

export function RulesFilters({ list, actions }: Props) {
  const { filters, setFilters } = list;
  const channels = useDirectory("channel");
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
      actions={actions}
    >
      <FacetFilter
        name="State"
        chosen={filters.state}
        onChange={(state) => setFilters({ state })}
        values={STATE_VALUES}
        draw={(state) => <RuleState state={state} />}
      />
      <FacetFilter
        name="Severity"
        chosen={filters.severity}
        onChange={(severity) => setFilters({ severity })}
        values={SEVERITY_OPTIONS}
        draw={(severity) => <SeverityBadge severity={severity} />}
      />
      <FacetFilter
        name="Metric"
        chosen={filters.metric}
        onChange={(metric) => setFilters({ metric })}
        values={METRIC_VALUES}
        draw={metricName}
      />
      <FacetFilter
        name="Channel"
        chosen={filters.channel_id}
        onChange={(channel_id) => setFilters({ channel_id })}
        values={channels.all?.map(({ id }) => ({ value: id }))}
        draw={channels.nameOf}
      />
    </FilterRow>
  );
}
