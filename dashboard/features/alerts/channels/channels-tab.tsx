"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Megaphone, Plus } from "lucide-react";
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
import { useMay } from "@/lib/session/session";
import { useUrl } from "@/lib/url/use-url";
import { channelsQuery, DEFAULT_SORT, FILTERS } from "./api";
import { ChannelDialog } from "./channel-dialog";
import { channelsColumns } from "./channels-columns";
import { typeName, TYPES } from "./types";

const TYPE_VALUES = Object.keys(TYPES).map((value) => ({ value }));
const NOTHING_HIDDEN = {};

export function ChannelsTab() {
  const { filters, setFilters, clear, sort, setSort } = useListState(FILTERS, DEFAULT_SORT);
  const { parameters, change, path } = useUrl();
  const mayAdmin = useMay("alerts:admin");
  const channels = useInfiniteQuery(channelsQuery(filters, sort));
  const rows = useMemo(() => channels.data?.pages.flatMap((page) => page.channels) ?? [], [channels.data]);
  const text = parameters.toString();
  const columns = useMemo(() => {
    const hrefOf = ({ id }: { id: string }) => {
      const next = new URLSearchParams(text);
      next.set("channel", id);
      return `${path}?${next.toString()}`;
    };
    return channelsColumns(hrefOf, mayAdmin);
  }, [path, text, mayAdmin]);
  const filtered = Object.keys(filters).length > 0;
  const open = (channel: string | null) => change({ channel }, channel ? "push" : "replace");
  const make = (
    <Can permission="alerts:admin">
      <Button look="primary" onClick={() => open("new")}>
        <Plus aria-hidden />
        New channel
      </Button>
    </Can>
  );

  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <SearchFilter
          label="Find by name"
          value={filters.q}
          onChange={(q) => setFilters({ q })}
          className="w-full sm:w-64"
        />
        <FacetFilter
          name="Type"
          chosen={filters.type}
          onChange={(type) => setFilters({ type })}
          values={TYPE_VALUES}
          draw={typeName}
        />
        {filtered && (
          <Button look="quiet" onClick={clear}>
            Clear all
          </Button>
        )}
        <div className="ml-auto">{make}</div>
      </div>
      {channels.error && !channels.data ? (
        <Failed what="The channels" error={channels.error} onRetry={() => void channels.refetch()} />
      ) : !channels.data ? (
        <DataTableSkeleton columns={columns} visibility={NOTHING_HIDDEN} />
      ) : rows.length === 0 ? (
        <Notice
          icon={Megaphone}
          title={filtered ? "No channel is like that" : "No channels yet"}
          actions={filtered ? <Button onClick={clear}>Clear all filters</Button> : make}
        >
          {!filtered && (
            <p>A channel is where people hear of alerts and budgets: Slack, e-mail, PagerDuty and others.</p>
          )}
        </Notice>
      ) : (
        <DataTable
          label="Alert channels"
          className="grow"
          columns={columns}
          visibility={NOTHING_HIDDEN}
          rows={rows}
          rowId={(channel) => channel.id}
          onOpen={(channel) => open(channel.id)}
          sort={sort}
          onSort={setSort}
          hasMore={channels.hasNextPage && !channels.isFetchingNextPage && !channels.isPlaceholderData}
          onMore={() => void channels.fetchNextPage()}
          footer={<ListFooter shown={rows.length} {...channels} />}
        />
      )}
      <ChannelDialog chosen={parameters.get("channel")} onClose={() => open(null)} />
    </>
  );
}
