import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { RelativeTime } from "@/components/ui/time";
import { duration } from "@/lib/time/time";
import type { Delivery } from "./api";
import { WebhookStatus } from "./webhook-status";

const column = createColumnHelper<Delivery>();

export function deliveryHref({ id, webhook_id }: Pick<Delivery, "id" | "webhook_id">): string {
  return `/settings/webhooks?id=${encodeURIComponent(webhook_id)}&delivery=${encodeURIComponent(id)}`;
}

function None() {
  return <span className="text-ink-3">–</span>;
}

export const DELIVERIES_COLUMNS: Columns<Delivery> = [
  column.accessor("event", {
    id: "event",
    header: "Event",
    meta: { name: "Event", fixed: true },
    cell: ({ row: { original: delivery } }) => (
      <>
        <RowLink href={deliveryHref(delivery)} scroll={false}>
          {delivery.event}
        </RowLink>
        {delivery.error && <span className="ml-2 text-ink-3 max-lg:hidden">{delivery.error}</span>}
      </>
    ),
  }),
  column.accessor("status", {
    id: "status",
    header: "Status",
    meta: { name: "Status", className: "w-28" },
    cell: ({ getValue }) => <WebhookStatus status={getValue()} />,
  }),
  column.accessor("response_status", {
    id: "response_status",
    header: "Answer",
    meta: { name: "Answer", className: "hidden w-20 sm:table-cell", align: "right" },
    cell: ({ getValue }) => getValue() ?? <None />,
  }),
  column.accessor("latency_ms", {
    id: "latency_ms",
    header: "Took",
    meta: { name: "Took", className: "hidden w-24 md:table-cell", align: "right" },
    cell: ({ getValue }) => (getValue() === null ? <None /> : duration(getValue())),
  }),
  column.accessor("attempts", {
    id: "attempts",
    header: "Attempts",
    meta: { name: "Attempts", className: "hidden w-24 md:table-cell", align: "right" },
    cell: ({ getValue }) => getValue(),
  }),
  column.accessor("created_at", {
    id: "created_at",
    header: "Happened",
    enableSorting: true,
    meta: { name: "Happened", className: "hidden w-32 sm:table-cell", align: "right" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];
