"use client";

import type { ReactNode } from "react";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import type { ListState } from "@/components/data-table/use-list-state";
import { Button } from "@/components/ui/button";
import { useDirectory } from "@/lib/directory/directory";
import type { Filter, Which } from "./api";
import { SeverityBadge, SEVERITY_OPTIONS } from "./looks";
import { metricName, METRICS } from "./metrics";

const WHICH: Record<Which, string> = { active: "Active", past: "Past", all: "All" };
export const METRIC_VALUES = Object.keys(METRICS).map((value) => ({ value }));
const PURPOSES = [
  { value: "true", name: "Tests" },
  { value: "false", name: "Real ones" },
];

interface Props {
  list: ListState<Filter>;
  which: Which;
  setWhich: (which: Which) => void;
  actions: ReactNode;
}

export function AlertsFilters({ list, which, setWhich, actions }: Props) {
  const { filters, setFilters } = list;
  const rules = useDirectory("rule");
  return (
    <FilterRow list={list} actions={actions}>
      <div
        role="group"
        aria-label="Which alerts"
        className="flex shrink-0 rounded-md border border-line-strong p-0.5"
      >
        {(Object.keys(WHICH) as Which[]).map((one) => (
          <Button
            key={one}
            size="small"
            look="quiet"
            aria-pressed={one === which}
            className={one === which ? "!bg-sunken !text-ink" : undefined}
            onClick={() => setWhich(one)}
          >
            {WHICH[one]}
          </Button>
        ))}
      </div>
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
        name="Rule"
        chosen={filters.rule_id}
        onChange={(rule_id) => setFilters({ rule_id })}
        values={rules.all?.map(({ id }) => ({ value: id }))}
        draw={rules.nameOf}
      />
      <ChoiceFilter
        name="Purpose"
        value={filters.is_test}
        onChange={(is_test) => setFilters({ is_test })}
        options={PURPOSES}
      />
    </FilterRow>
  );
}
