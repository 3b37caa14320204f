"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Megaphone, Plus } from "lucide-react";
import { useMemo } from "react";
import { Can } from "@/components/can";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { useMay } from "@/lib/session/session";
import { useUrl } from "@/lib/url/use-url";
import { channelsQuery, DEFAULT_SORT, FILTERS } from "./api";
import { ChannelDialog } from "./channel-dialog";
import { channelsColumns } from "./channels-columns";
import { typeName, TYPES } from "./types";

const TYPE_VALUES = Object.keys(TYPES).map((value) => ({ value }));

export function ChannelsTab() {
  const list = useListState(FILTERS, DEFAULT_SORT);
  const { filters, setFilters } = list;
  const { parameters, change, path } = useUrl();
  const mayAdmin = useMay("alerts:admin");
  const channels = useInfiniteQuery(channelsQuery(filters, list.sort));
  const text = parameters.toString();
  const columns = useMemo(() => {
    const hrefOf = ({ id }: { id: string }) => {
      const next = new URLSearchParams(text);
      next.set("channel", id);
      return `${path}?${next.toString()}`;
    };
    return channelsColumns(hrefOf, mayAdmin);
  }, [path, text, mayAdmin]);
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
      <FilterRow
        list={list}
        search={<SearchFilter label="Find by name" value={filters.q} onChange={(q) => setFilters({ q })} />}
        actions={make}
      >
        <FacetFilter
          name="Type"
          chosen={filters.type}
          onChange={(type) => setFilters({ type })}
          values={TYPE_VALUES}
          draw={typeName}
        />
      </FilterRow>
      <PagedTable
        label="Alert channels"
        query={channels}
        rowsOf={(page) => page.channels}
        columns={columns}
        list={list}
        empty={
          <Notice icon={Megaphone} title="No channels yet" actions={make}>
            <p>A channel is where people hear of alerts and budgets: Slack, e-mail, PagerDuty and others.</p>
          </Notice>
        }
      />
      <ChannelDialog chosen={parameters.get("channel")} onClose={() => open(null)} />
    </>
  );
}
