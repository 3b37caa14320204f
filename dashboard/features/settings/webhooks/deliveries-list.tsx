"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { ListSection } from "@/features/settings/listing/list-section";
import { useUrl } from "@/lib/url/use-url";
import { deliveriesQuery, DELIVERY_FILTERS, NEWEST_FIRST, type Webhook } from "./api";
import { DELIVERIES_COLUMNS } from "./deliveries-columns";
import { DeliveryDialog } from "./delivery-dialog";
import { EVENTS } from "./events";

const EVENT_CHOICES = EVENTS.map((event) => ({ value: event, name: event }));
const STATUS_CHOICES = [
  { value: "pending", name: "Pending" },
  { value: "delivered", name: "Delivered" },
  { value: "failed", name: "Failed" },
];

export function DeliveriesList({ webhook }: { webhook: Webhook }) {
  const list = useListState(DELIVERY_FILTERS, NEWEST_FIRST);
  const { filters, setFilters } = list;
  const { parameters, change } = useUrl();
  const deliveries = useInfiniteQuery(deliveriesQuery(webhook.id, filters, list.sort));
  const rows = deliveries.data?.pages.flatMap((page) => page.deliveries);
  const open = rows?.find(({ id }) => id === parameters.get("delivery"));
  return (
    <ListSection
      title="Deliveries"
      description="What was sent, and what came of it; kept as long as the retention says"
    >
      <FilterRow list={list}>
        <ChoiceFilter
          name="Status"
          value={filters.status}
          onChange={(status) => setFilters({ status })}
          options={STATUS_CHOICES}
        />
        <ChoiceFilter
          name="Event"
          value={filters.event}
          onChange={(event) => setFilters({ event })}
          options={EVENT_CHOICES}
        />
      </FilterRow>
      <PagedTable
        label="Deliveries"
        short
        query={deliveries}
        rowsOf={(page) => page.deliveries}
        columns={DELIVERIES_COLUMNS}
        list={list}
        empty={
          <Notice small icon={Send} title="Nothing was sent yet">
            <p>Send a test above, or wait for the next event that it is told of.</p>
          </Notice>
        }
      />
      {open && <DeliveryDialog delivery={open} onClose={() => change({ delivery: null })} />}
    </ListSection>
  );
}
