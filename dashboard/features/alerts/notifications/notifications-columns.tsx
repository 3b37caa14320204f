import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { ClockTime, RelativeTime } from "@/components/ui/time";
import { alertHref } from "@/features/alerts/alert-href";
import { NotificationStatus } from "@/features/alerts/looks";
import { EVENTS, type Notification } from "./api";

const column = createColumnHelper<Notification>();

export function notificationsColumns(channelName: (id: string) => string): Columns<Notification> {
  return [
    column.accessor("created_at", {
      id: "created_at",
      header: "When",
      enableSorting: true,
      meta: { name: "When", className: "w-38 hidden md:table-cell" },
      cell: ({ getValue }) => <ClockTime at={getValue()} className="text-ink-2 tabular-nums" />,
    }),
    column.accessor("status", {
      id: "status",
      header: "Status",
      meta: { name: "Status", className: "w-26", fixed: true },
      cell: ({ getValue }) => <NotificationStatus status={getValue()} />,
    }),
    column.accessor("event", {
      id: "event",
      header: "What it says",
      meta: { name: "What it says", className: "w-auto", fixed: true },
      cell: ({ row: { original: sent } }) => (
        <>
          <RowLink href={alertHref(sent.alert_id)}>{EVENTS[sent.event] ?? sent.event}</RowLink>
          {sent.error && (
            <span className="ml-2 text-ink-3 max-lg:hidden" title={sent.error}>
              {sent.error}
            </span>
          )}
        </>
      ),
    }),
    column.accessor("channel_id", {
      id: "channel",
      header: "Channel",
      meta: { name: "Channel", className: "w-32 sm:w-44" },
      cell: ({ getValue }) => {
        const id = getValue();
        return id ? channelName(id) : <span className="text-ink-3">Gone</span>;
      },
    }),
    column.accessor("attempts", {
      id: "attempts",
      header: "Attempts",
      meta: { name: "Attempts", className: "w-22 hidden lg:table-cell", align: "right" },
      cell: ({ getValue }) => getValue(),
    }),
    column.accessor("response_status", {
      id: "response",
      header: "Answer",
      meta: { name: "HTTP status of the answer", className: "w-20 hidden lg:table-cell", align: "right" },
      cell: ({ getValue }) => getValue() ?? <span className="text-ink-3">–</span>,
    }),
    column.display({
      id: "sent",
      header: "Sent or next try",
      meta: { name: "Sent or next try", className: "w-36 hidden xl:table-cell" },
      cell: ({ row: { original: sent } }) => {
        const at = sent.sent_at ?? sent.next_attempt_at;
        return at ? <RelativeTime at={at} className="text-ink-2" /> : <span className="text-ink-3">–</span>;
      },
    }),
  ];
}
