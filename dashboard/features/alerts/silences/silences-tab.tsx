"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { BellOff, Plus } from "lucide-react";
import { useMemo } from "react";
import { Can } from "@/components/can";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { ListFooter } from "@/components/data-table/list-footer";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { useDirectory } from "@/lib/directory/directory";
import { useUrl } from "@/lib/url/use-url";
import { DEFAULT_SORT, FILTERS, silencesQuery, type Silence } from "./api";
import { SilenceDialog } from "./silence-dialog";
import { silencesColumns } from "./silences-columns";

const ACTIVE_VALUES = [{ value: "true" }, { value: "false" }];
const NOTHING_HIDDEN = {};

export function SilencesTab() {
  const { filters, setFilters, clear, sort, setSort } = useListState(FILTERS, DEFAULT_SORT);
  const { parameters, change, path } = useUrl();
  const rules = useDirectory("rule");
  const users = useDirectory("user");
  const silences = useInfiniteQuery(silencesQuery(filters, sort));
  const rows = useMemo(() => silences.data?.pages.flatMap((page) => page.silences) ?? [], [silences.data]);
  const filtered = Object.keys(filters).length > 0;
  const open = (silence: string | null) => change({ silence }, silence ? "push" : "replace");
  const columns = silencesColumns((silence) => hrefOf(path, parameters.toString(), silence), {
    ruleName: rules.nameOf,
    userName: users.nameOf,
  });
  const make = (
    <Can permission="alerts:ack">
      <Button look="primary" onClick={() => open("new")}>
        <Plus aria-hidden />
        New silence
      </Button>
    </Can>
  );

  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <SearchFilter
          label="Find in reasons"
          value={filters.q}
          onChange={(q) => setFilters({ q })}
          className="w-full sm:w-64"
        />
        <FacetFilter
          name="State"
          chosen={filters.active}
          // It holds now or it does not: both together are all.
          onChange={(active) => setFilters({ active: active?.split(",").at(-1) ?? null })}
          values={ACTIVE_VALUES}
          draw={(value) => (value === "true" ? "Active now" : "Planned or over")}
        />
        <FacetFilter
          name="Rule"
          chosen={filters.rule_id}
          onChange={(rule_id) => setFilters({ rule_id })}
          values={rules.all?.map(({ id }) => ({ value: id }))}
          draw={rules.nameOf}
        />
        {filtered && (
          <Button look="quiet" onClick={clear}>
            Clear all
          </Button>
        )}
        <div className="ml-auto">{make}</div>
      </div>
      {silences.error && !silences.data ? (
        <Failed what="The silences" error={silences.error} onRetry={() => void silences.refetch()} />
      ) : !silences.data ? (
        <DataTableSkeleton columns={columns} visibility={NOTHING_HIDDEN} />
      ) : rows.length === 0 ? (
        <Notice
          icon={BellOff}
          title={filtered ? "No silence is like that" : "No silences"}
          actions={filtered ? <Button onClick={clear}>Clear all filters</Button> : make}
        >
          {!filtered && (
            <p>During a silence alerts open all the same, but nobody is told: for maintenance, say.</p>
          )}
        </Notice>
      ) : (
        <DataTable
          label="Silences"
          className="grow"
          columns={columns}
          visibility={NOTHING_HIDDEN}
          rows={rows}
          rowId={(silence) => silence.id}
          onOpen={(silence) => open(silence.id)}
          sort={sort}
          onSort={setSort}
          hasMore={silences.hasNextPage && !silences.isFetchingNextPage && !silences.isPlaceholderData}
          onMore={() => void silences.fetchNextPage()}
          footer={<ListFooter shown={rows.length} {...silences} />}
        />
      )}
      <SilenceDialog chosen={parameters.get("silence")} rule={filters.rule_id} onClose={() => open(null)} />
    </>
  );
}

function hrefOf(path: string, query: string, { id }: Silence): string {
  const next = new URLSearchParams(query);
  next.set("silence", id);
  return `${path}?${next.toString()}`;
}
