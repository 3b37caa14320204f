"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { ChoiceFilter, ON_OR_OFF } from "@/components/data-table/choice-filter";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState, type ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { policiesQuery, POLICY_FILTERS, POLICY_SORT, type PolicyFilter } from "@/features/safety/api";
import { Action } from "@/features/safety/looks";
import { MODES } from "@/features/safety/vocabulary";
import { POLICY_COLUMNS } from "./policy-columns";

export function Policies() {
  const list = useListState(POLICY_FILTERS, POLICY_SORT);
  const policies = useInfiniteQuery(policiesQuery(list.filters, list.sort));
  return (
    <>
      <p className="max-w-3xl text-sm text-ink-2">
        Every policy that is on and covers a call looks at it. There is no order: where several find
        something, the strictest decides. Block is stricter than redact, redact than warn, warn than log.
      </p>
      <Filters list={list} />
      <PagedTable
        label="Safety policies"
        query={policies}
        rowsOf={(page) => page.safety_policies}
        columns={POLICY_COLUMNS}
        list={list}
        empty={
          <Notice icon={ShieldCheck} title="No policies yet">
            <p>Nothing is looked for in calls until there is one.</p>
          </Notice>
        }
      />
    </>
  );
}

function Filters({ list }: { list: ListState<PolicyFilter> }) {
  const { filters, setFilters } = list;
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
    >
      <FacetFilter
        name="Mode"
        chosen={filters.mode}
        onChange={(mode) => setFilters({ mode })}
        values={MODES}
        draw={(mode) => <Action action={mode} />}
      />
      <ChoiceFilter
        name="State"
        value={filters.enabled}
        onChange={(enabled) => setFilters({ enabled })}
        options={ON_OR_OFF}
      />
    </FilterRow>
  );
}
