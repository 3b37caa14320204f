"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { ListFooter } from "@/components/data-table/list-footer";
import { FilterRow } from "@/components/data-table/filter-row";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState, type ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { policiesQuery, POLICY_FILTERS, POLICY_SORT, type PolicyFilter } from "@/features/safety/api";
import { Action } from "@/features/safety/looks";
import { MODES } from "@/features/safety/vocabulary";
import { POLICY_COLUMNS } from "./policy-columns";
import { policyHref } from "./policy-href";

const ALL_COLUMNS = {};
const STATES = [
  { value: "true", name: "On" },
  { value: "false", name: "Off" },
];

export function Policies() {
  const list = useListState(POLICY_FILTERS, POLICY_SORT);
  return (
    <>
      <p className="max-w-3xl text-sm text-ink-2">
        Every policy that is on and covers a call looks at it. There is no order: where several find
        something, the strictest decides. Block is stricter than redact, redact than warn, warn than log.
      </p>
      <Filters {...list} />
      <Rows {...list} />
    </>
  );
}

function Filters({ filters, setFilters, clear }: ListState<PolicyFilter>) {
  return (
    <FilterRow
      search={
        <SearchFilter
          label="Find in names and descriptions"
          value={filters.q}
          onChange={(q) => setFilters({ q })}
          className="w-full sm:w-72"
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
      <FacetFilter
        name="State"
        chosen={filters.enabled}
        onChange={(enabled) => setFilters({ enabled })}
        values={STATES}
      />
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={clear}>
          Clear all
        </Button>
      )}
    </FilterRow>
  );
}

function Rows({ filters, sort, setSort, clear }: ListState<PolicyFilter>) {
  const router = useRouter();
  const policies = useInfiniteQuery(policiesQuery(filters, sort));
  const rows = useMemo(
    () => policies.data?.pages.flatMap((page) => page.safety_policies) ?? [],
    [policies.data],
  );

  if (policies.error && !policies.data)
    return <Failed what="The policies" error={policies.error} onRetry={() => void policies.refetch()} />;
  if (!policies.data) return <DataTableSkeleton columns={POLICY_COLUMNS} visibility={ALL_COLUMNS} />;
  if (rows.length === 0) {
    return (
      <Notice
        icon={ShieldCheck}
        title="No policy is like that"
        actions={<Button onClick={clear}>Clear all filters</Button>}
      />
    );
  }
  return (
    <DataTable
      label="Safety policies"
      className="grow"
      columns={POLICY_COLUMNS}
      visibility={ALL_COLUMNS}
      rows={rows}
      rowId={({ id }) => id}
      onOpen={(policy) => router.push(policyHref(policy))}
      sort={sort}
      onSort={setSort}
      hasMore={policies.hasNextPage && !policies.isFetchingNextPage && !policies.isPlaceholderData}
      onMore={() => void policies.fetchNextPage()}
      footer={<ListFooter shown={rows.length} {...policies} />}
    />
  );
}
