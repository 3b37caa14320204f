"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Webhook as WebhookIcon } from "lucide-react";
import { ChoiceFilter, ON_OR_OFF } from "@/components/data-table/choice-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { NEWEST_FIRST, WEBHOOK_FILTERS, webhooksQuery } from "./api";
import { WEBHOOKS_COLUMNS } from "./webhooks-columns";

export function WebhooksList() {
  const list = useListState(WEBHOOK_FILTERS, NEWEST_FIRST);
  const { filters, setFilters } = list;
  const webhooks = useInfiniteQuery(webhooksQuery(filters, list.sort));
  return (
    <>
      <FilterRow
        list={list}
        search={
          <SearchFilter
            label="Find in URLs and descriptions"
            value={filters.q}
            onChange={(q) => setFilters({ q })}
          />
        }
      >
        <ChoiceFilter
          name="State"
          value={filters.enabled}
          onChange={(enabled) => setFilters({ enabled })}
          options={ON_OR_OFF}
        />
      </FilterRow>
      <PagedTable
        label="Webhooks"
        short
        query={webhooks}
        rowsOf={(page) => page.webhooks}
        columns={WEBHOOKS_COLUMNS}
        list={list}
        empty={
          <Notice icon={WebhookIcon} title="Nobody is told of events yet">
            <p>Make a webhook with the URL of a receiver, and choose what it is told of.</p>
          </Notice>
        }
      />
    </>
  );
}
