import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { RelativeTime } from "@/components/ui/time";
import type { Webhook } from "./api";
import { WebhookStatus } from "./webhook-status";

const column = createColumnHelper<Webhook>();

export function webhookHref({ id }: Pick<Webhook, "id">): string {
  return `/settings/webhooks?id=${encodeURIComponent(id)}`;
}

export const WEBHOOKS_COLUMNS: Columns<Webhook> = [
  column.accessor("url", {
    id: "url",
    header: "URL",
    meta: { name: "URL", fixed: true },
    cell: ({ row: { original: webhook } }) => (
      <>
        <RowLink href={webhookHref(webhook)} title={webhook.url}>
          {webhook.url}
        </RowLink>
        {webhook.description && <span className="ml-2 text-ink-3 max-lg:hidden">{webhook.description}</span>}
      </>
    ),
  }),
  column.accessor("events", {
    id: "events",
    header: "Events",
    meta: { name: "Events", className: "hidden w-48 md:table-cell" },
    cell: ({ getValue }) => {
      const events = (getValue() as string[]).join(", ");
      return (
        <span className="font-mono text-xs text-ink-2" title={events}>
          {events}
        </span>
      );
    },
  }),
  column.accessor("status", {
    id: "status",
    header: "Status",
    meta: { name: "Status", className: "w-28" },
    cell: ({ getValue }) => <WebhookStatus status={getValue()} />,
  }),
  column.accessor("created_at", {
    id: "created_at",
    header: "Made",
    enableSorting: true,
    meta: { name: "Made", className: "hidden w-32 sm:table-cell", align: "right" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];
