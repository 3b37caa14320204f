"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { TOOL_LEVELS, TOOL_STATUSES, ToolLevel, ToolStatus } from "@/components/tool-badges";
import { useMay } from "@/lib/session/session";
import { toolCountsQuery, type Filter } from "./api";

const STATUSES = TOOL_STATUSES.map((value) => ({ value }));
const LEVELS = TOOL_LEVELS.map((value) => ({ value }));

interface Props {
  list: ListState<Filter>;
  actions: ReactNode;
}

export function ToolsFilters({ list, actions }: Props) {
  const { filters, setFilters } = list;
  return (
    <FilterRow
      list={list}
      actions={actions}
      search={
        <SearchFilter
          label="Find in names and descriptions"
          value={filters.q}
          onChange={(q) => setFilters({ q })}
        />
      }
    >
      <FacetFilter
        name="Status"
        chosen={filters.status}
        onChange={(status) => setFilters({ status })}
        values={STATUSES}
        draw={(status) => <ToolStatus status={status} />}
      />
      <FacetFilter
        name="Classification"
        chosen={filters.classification}
        onChange={(classification) => setFilters({ classification })}
        values={LEVELS}
        draw={(level) => <ToolLevel level={level} />}
      />
      <ServerFilter chosen={filters.mcp_server} onChange={(mcp_server) => setFilters({ mcp_server })} />
    </FilterRow>
  );
}

export function ServerFilter({
  chosen,
  onChange,
}: {
  chosen: string | undefined;
  onChange: (chosen: string | null) => void;
}) {
  const allowed = useMay("servers:read");
  const counts = useQuery({ ...toolCountsQuery, enabled: allowed });
  if (!allowed) return null;
  return <FacetFilter name="Server" chosen={chosen} onChange={onChange} values={counts.data} />;
}
