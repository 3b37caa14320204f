"use client";

import { useQuery } from "@tanstack/react-query";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { SearchFilter } from "@/components/data-table/search-filter";
import type { ListState } from "@/components/data-table/use-list-state";
import { TOOL_LEVELS, TOOL_STATUSES, ToolLevel, ToolStatus } from "@/components/tool-badges";
import { Button } from "@/components/ui/button";
import { serverNamesQuery, type Filter } from "./api";

const STATUSES = TOOL_STATUSES.map((value) => ({ value }));
const LEVELS = TOOL_LEVELS.map((value) => ({ value }));

export function ToolsFilters({ filters, setFilters, clear }: ListState<Filter>) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchFilter
        label="Find in names and descriptions"
        value={filters.q}
        onChange={(q) => setFilters({ q })}
        className="w-full sm:w-64"
      />
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
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={clear}>
          Clear all
        </Button>
      )}
    </div>
  );
}

export function ServerFilter({
  chosen,
  onChange,
}: {
  chosen: string | undefined;
  onChange: (chosen: string | null) => void;
}) {
  const names = useQuery(serverNamesQuery);
  return <FacetFilter name="Server" chosen={chosen} onChange={onChange} values={names.data} />;
}
