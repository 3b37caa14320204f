"use client";

import type { useColumns } from "@/components/data-table/column-menu";
import { ColumnMenu } from "@/components/data-table/column-menu";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { LinkedFilters } from "@/components/data-table/linked-filters";
import { FilterRow } from "@/components/data-table/filter-row";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { Button } from "@/components/ui/button";
import type { Schemas } from "@/lib/api/client";
import { useDirectory } from "@/lib/directory/directory";
import { useMe } from "@/lib/session/session";
import type { Filter } from "./api";
import { APPROVAL_STATUSES, ApprovalStatus } from "./approval-status";
import { HISTORY_COLUMNS } from "./history-columns";

interface Props {
  list: ListState<Filter>;
  columns: ReturnType<typeof useColumns>;
  summary: Schemas["ApprovalSummary"] | undefined;
}

const LINKED: Partial<Record<Filter, string>> = { requested_by: "One requester", team_id: "One team" };

export function HistoryFilters({ list, columns, summary }: Props) {
  const { filters, setFilters } = list;
  const servers = useDirectory("server");
  const me = useMe().user?.id;
  const mine = me !== undefined && filters.requested_by === me;
  const counts = summary as Record<string, unknown> | undefined;
  return (
    <FilterRow
      list={list}
      actions={<ColumnMenu columns={HISTORY_COLUMNS} visibility={columns[0]} onChange={columns[1]} />}
      search={
        <SearchFilter
          label="Tool, by its exact name"
          value={filters.tool_name}
          onChange={(tool_name) => setFilters({ tool_name })}
        />
      }
    >
      <FacetFilter
        name="Status"
        chosen={filters.status}
        onChange={(status) => setFilters({ status })}
        values={APPROVAL_STATUSES.map((value) => ({ value, count: numberOf(counts?.[value]) }))}
        draw={(status) => <ApprovalStatus status={status} />}
      />
      {servers.allowed && (
        <FacetFilter
          name="Server"
          chosen={filters.mcp_server}
          onChange={(mcp_server) => setFilters({ mcp_server })}
          values={servers.all?.map(({ name }) => ({ value: name })) ?? (servers.error ? [] : undefined)}
        />
      )}
      {me !== undefined && (
        <Button
          aria-pressed={mine}
          look={mine ? "primary" : "secondary"}
          onClick={() => setFilters({ requested_by: mine ? null : me })}
        >
          Asked by me
        </Button>
      )}
      <LinkedFilters
        says={LINKED}
        filters={mine ? { ...filters, requested_by: undefined } : filters}
        setFilters={setFilters}
      />
    </FilterRow>
  );
}

/** The API counts some of the states only. */
function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
