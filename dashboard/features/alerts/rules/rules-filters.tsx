"use client";

import { FacetFilter } from "@/components/data-table/facet-filter";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { Button } from "@/components/ui/button";
import { RULE_STATES, RuleState, SeverityBadge, SEVERITY_OPTIONS } from "@/features/alerts/looks";
import { metricName, METRICS } from "@/features/alerts/metrics";
import { useDirectory } from "@/lib/directory/directory";
import type { Filter } from "./api";

const STATE_VALUES = Object.keys(RULE_STATES).map((value) => ({ value }));
const METRIC_VALUES = Object.keys(METRICS).map((value) => ({ value }));

export function RulesFilters({ filters, setFilters, clear }: ListState<Filter>) {
  const channels = useDirectory("channel");
  return (
    <>
      <SearchFilter
        label="Find in names and descriptions"
        value={filters.q}
        onChange={(q) => setFilters({ q })}
        className="w-full sm:w-64"
      />
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
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={clear}>
          Clear all
        </Button>
      )}
    </>
  );
}
