"use client";

import { FacetFilter } from "@/components/data-table/facet-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { Button } from "@/components/ui/button";
import { useDirectory } from "@/lib/directory/directory";
import type { Filter, Which } from "./api";
import { SeverityBadge, SEVERITY_OPTIONS } from "./looks";
import { metricName, METRICS } from "./metrics";

const WHICH: Record<Which, string> = { active: "Active", past: "Past", all: "All" };
export const METRIC_VALUES = Object.keys(METRICS).map((value) => ({ value }));
const TEST_VALUES = [{ value: "true" }, { value: "false" }];

interface Props extends ListState<Filter> {
  which: Which;
  setWhich: (which: Which) => void;
}

export function AlertsFilters({ filters, setFilters, clear, which, setWhich }: Props) {
  const rules = useDirectory("rule");
  return (
    <>
      <div role="group" aria-label="Which alerts" className="flex rounded-md border border-line-strong p-0.5">
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
      <FacetFilter
        name="Tests"
        chosen={filters.is_test}
        onChange={(is_test) => setFilters({ is_test })}
        values={TEST_VALUES}
        draw={(value) => (value === "true" ? "Tests" : "Real ones")}
      />
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={clear}>
          Clear all
        </Button>
      )}
    </>
  );
}
