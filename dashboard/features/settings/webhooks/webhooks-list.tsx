"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Webhook as WebhookIcon } from "lucide-react";
import { useMemo } from "react";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { Listing } from "@/features/settings/listing/listing";
import { ON_OR_OFF, SelectFilter } from "@/features/settings/listing/select-filter";
import { NEWEST_FIRST, WEBHOOK_FILTERS, webhooksQuery } from "./api";
import { webhookHref, WEBHOOKS_COLUMNS } from "./webhooks-columns";

export function WebhooksList() {
  const { filters, setFilters, sort, setSort, clear } = useListState(WEBHOOK_FILTERS, NEWEST_FIRST);
  const webhooks = useInfiniteQuery(webhooksQuery(filters, sort));
  const rows = useMemo(() => webhooks.data?.pages.flatMap((page) => page.webhooks) ?? [], [webhooks.data]);
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <SearchFilter
          label="Find in URLs and descriptions"
          value={filters.q}
          onChange={(q) => setFilters({ q })}
          className="w-full sm:w-64"
        />
        <SelectFilter
          label="State"
          value={filters.enabled}
          onChange={(enabled) => setFilters({ enabled })}
          choices={ON_OR_OFF}
        />
      </div>
      <Listing
        label="Webhooks"
        pages={webhooks}
        rows={rows}
        columns={WEBHOOKS_COLUMNS}
        hrefOf={webhookHref}
        sort={sort}
        onSort={setSort}
        empty={
          <Notice
            icon={WebhookIcon}
            title={isFiltered ? "No webhook is like that" : "Nobody is told of events yet"}
            actions={isFiltered && <Button onClick={clear}>Clear all filters</Button>}
          >
            {!isFiltered && <p>Make a webhook with the URL of a receiver, and choose what it is told of.</p>}
          </Notice>
        }
      />
    </>
  );
}
