"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useMemo } from "react";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { ListSection } from "@/features/settings/listing/list-section";
import { Listing } from "@/features/settings/listing/listing";
import { SelectFilter } from "@/features/settings/listing/select-filter";
import { useUrl } from "@/lib/url/use-url";
import { deliveriesQuery, DELIVERY_FILTERS, NEWEST_FIRST, type Webhook } from "./api";
import { DELIVERIES_COLUMNS, deliveryHref } from "./deliveries-columns";
import { DeliveryDialog } from "./delivery-dialog";
import { EVENTS } from "./events";

const EVENT_CHOICES = EVENTS.map((event) => ({ value: event, name: event }));
const STATUS_CHOICES = [
  { value: "pending", name: "Pending" },
  { value: "delivered", name: "Delivered" },
  { value: "failed", name: "Failed" },
];

export function DeliveriesList({ webhook }: { webhook: Webhook }) {
  const { filters, setFilters, sort, setSort, clear } = useListState(DELIVERY_FILTERS, NEWEST_FIRST);
  const { parameters, change } = useUrl();
  const deliveries = useInfiniteQuery(deliveriesQuery(webhook.id, filters, sort));
  const rows = useMemo(
    () => deliveries.data?.pages.flatMap((page) => page.deliveries) ?? [],
    [deliveries.data],
  );
  const open = rows.find(({ id }) => id === parameters.get("delivery"));
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <ListSection
      title="Deliveries"
      description="What was sent, and what came of it; kept as long as the retention says"
    >
      <div className="flex flex-wrap gap-2">
        <SelectFilter
          label="Status"
          value={filters.status}
          onChange={(status) => setFilters({ status })}
          choices={STATUS_CHOICES}
        />
        <SelectFilter
          label="Event"
          value={filters.event}
          onChange={(event) => setFilters({ event })}
          choices={EVENT_CHOICES}
        />
      </div>
      <Listing
        label="Deliveries"
        pages={deliveries}
        rows={rows}
        columns={DELIVERIES_COLUMNS}
        hrefOf={deliveryHref}
        sort={sort}
        onSort={setSort}
        empty={
          <Notice
            small
            icon={Send}
            title={isFiltered ? "No delivery is like that" : "Nothing was sent yet"}
            actions={isFiltered && <Button onClick={clear}>Clear all filters</Button>}
          >
            {!isFiltered && <p>Send a test above, or wait for the next event that it is told of.</p>}
          </Notice>
        }
      />
      {open && <DeliveryDialog delivery={open} onClose={() => change({ delivery: null })} />}
    </ListSection>
  );
}
