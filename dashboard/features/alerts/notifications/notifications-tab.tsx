"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { NOTIFICATION_STATUSES, NotificationStatus } from "@/features/alerts/looks";
import { useDirectory } from "@/lib/directory/directory";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { DEFAULT_SORT, EVENTS, FILTERS, notificationsQuery, type Notification } from "./api";
import { notificationsColumns } from "./notifications-columns";

const STATUS_VALUES = Object.keys(NOTIFICATION_STATUSES).map((value) => ({ value }));
const EVENT_VALUES = Object.keys(EVENTS).map((value) => ({ value }));

/** Who was told what, and what came of it. */
export function NotificationsTab() {
  const [range] = useTimeRange();
  const list = useListState(FILTERS, DEFAULT_SORT);
  const { filters, setFilters } = list;
  const [visibility, setVisible] = useColumns("alert-notifications");
  const channels = useDirectory("channel");
  const sent = useInfiniteQuery(notificationsQuery({ ...range, ...filters }, list.sort));
  const columns = notificationsColumns(channels.nameOf);

  return (
    <>
      <FilterRow
        list={list}
        actions={<ColumnMenu columns={columns} visibility={visibility} onChange={setVisible} />}
      >
        <FacetFilter
          name="Status"
          chosen={filters.status}
          onChange={(status) => setFilters({ status })}
          values={STATUS_VALUES}
          draw={(status) => <NotificationStatus status={status} />}
        />
        <FacetFilter
          name="What it says"
          chosen={filters.event}
          onChange={(event) => setFilters({ event })}
          values={EVENT_VALUES}
          draw={(event) => EVENTS[event as Notification["event"]] ?? event}
        />
        <FacetFilter
          name="Channel"
          chosen={filters.channel_id}
          onChange={(channel_id) => setFilters({ channel_id })}
          values={channels.all?.map(({ id }) => ({ value: id }))}
          draw={channels.nameOf}
        />
      </FilterRow>
      <PagedTable
        label="Notifications"
        query={sent}
        rowsOf={(page) => page.notifications}
        columns={columns}
        visibility={visibility}
        list={list}
        empty={
          <Notice icon={Send} title="Nobody was told anything in this range of time">
            <p>Channels are told of alerts by the rules that name them. Choose a longer range above.</p>
          </Notice>
        }
      />
    </>
  );
}
