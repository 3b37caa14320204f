"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { ListFooter } from "@/components/data-table/list-footer";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { alertHref } from "@/features/alerts/alert-href";
import { NOTIFICATION_STATUSES, NotificationStatus } from "@/features/alerts/looks";
import { useDirectory } from "@/lib/directory/directory";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { DEFAULT_SORT, EVENTS, FILTERS, notificationsQuery, type Notification } from "./api";
import { notificationsColumns } from "./notifications-columns";

const STATUS_VALUES = Object.keys(NOTIFICATION_STATUSES).map((value) => ({ value }));
const EVENT_VALUES = Object.keys(EVENTS).map((value) => ({ value }));

/** Who was told what, and what came of it. */
export function NotificationsTab() {
  const router = useRouter();
  const [range] = useTimeRange();
  const { filters, setFilters, clear, sort, setSort } = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("alert-notifications");
  const channels = useDirectory("channel");
  const sent = useInfiniteQuery(notificationsQuery({ ...range, ...filters }, sort));
  const rows = useMemo(() => sent.data?.pages.flatMap((page) => page.notifications) ?? [], [sent.data]);
  const columns = notificationsColumns(channels.nameOf);
  const filtered = Object.keys(filters).length > 0;

  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
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
        {filtered && (
          <Button look="quiet" onClick={clear}>
            Clear all
          </Button>
        )}
        <div className="ml-auto">
          <ColumnMenu columns={columns} visibility={visibility} onChange={setVisible} />
        </div>
      </div>
      {sent.error && !sent.data ? (
        <Failed what="The notifications" error={sent.error} onRetry={() => void sent.refetch()} />
      ) : !sent.data ? (
        <DataTableSkeleton columns={columns} visibility={visibility} />
      ) : rows.length === 0 ? (
        <Notice
          icon={Send}
          title={filtered ? "No notification is like that" : "Nobody was told anything in this range of time"}
          actions={filtered && <Button onClick={clear}>Clear all filters</Button>}
        >
          {!filtered && (
            <p>Channels are told of alerts by the rules that name them. Choose a longer range above.</p>
          )}
        </Notice>
      ) : (
        <DataTable
          label="Notifications"
          className="grow"
          columns={columns}
          visibility={visibility}
          rows={rows}
          rowId={(one) => one.id}
          onOpen={(one) => router.push(alertHref(one.alert_id))}
          sort={sort}
          onSort={setSort}
          hasMore={sent.hasNextPage && !sent.isFetchingNextPage && !sent.isPlaceholderData}
          onMore={() => void sent.fetchNextPage()}
          footer={<ListFooter shown={rows.length} {...sent} />}
        />
      )}
    </>
  );
}
