import { createColumnHelper } from "@tanstack/react-table";
import { CircleCheck, CircleX } from "lucide-react";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { Badge } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/time";
import { cn } from "@/lib/cn";
import { SeverityBadge } from "@/features/alerts/looks";
import type { Channel } from "./api";
import { TryButton } from "./try-button";
import { placeOf, typeName } from "./types";

const column = createColumnHelper<Channel>();

export function channelsColumns(hrefOf: (channel: Channel) => string, mayTry: boolean): Columns<Channel> {
  const columns: Columns<Channel> = [
    column.accessor("name", {
      id: "name",
      header: "Name",
      enableSorting: true,
      meta: { name: "Name", className: "w-auto", fixed: true },
      cell: ({ row: { original: channel } }) => (
        <>
          <RowLink href={hrefOf(channel)}>{channel.name}</RowLink>
          {!channel.enabled && (
            <span className="ml-2">
              <Badge>Off</Badge>
            </span>
          )}
          <span className="ml-2 text-ink-3 max-lg:hidden">{placeOf(channel)}</span>
        </>
      ),
    }),
    column.accessor("type", {
      id: "type",
      header: "Type",
      meta: { name: "Type", className: "w-28 sm:w-36" },
      cell: ({ getValue }) => typeName(getValue()),
    }),
    column.accessor("min_severity", {
      id: "min_severity",
      header: "From severity",
      meta: { name: "From severity", className: "w-30 hidden md:table-cell" },
      cell: ({ getValue }) => <SeverityBadge severity={getValue()} />,
    }),
    column.display({
      id: "resolved",
      header: "Told of the end",
      meta: { name: "Told of the end", className: "w-32 hidden 2xl:table-cell" },
      cell: ({ row: { original: channel } }) => (channel.send_resolved ? "Yes" : "No"),
    }),
    column.display({
      id: "last",
      header: "Last delivery",
      meta: { name: "Last delivery", className: "w-44 hidden sm:table-cell" },
      cell: ({ row: { original: channel } }) => <LastDelivery delivery={channel.last_delivery} />,
    }),
  ];
  if (!mayTry) return columns;
  return [
    ...columns,
    column.display({
      id: "try",
      header: () => <span className="sr-only">Test</span>,
      meta: { name: "Test", className: "w-20", align: "right", fixed: true },
      cell: ({ row: { original: channel } }) => <TryButton channel={channel} />,
    }),
  ];
}

function LastDelivery({ delivery }: { delivery: Channel["last_delivery"] }) {
  if (!delivery) return <span className="text-ink-3">None yet</span>;
  const failed = delivery.status === "failed";
  const Icon = failed ? CircleX : CircleCheck;
  return (
    <span
      title={delivery.error ?? undefined}
      className={cn("inline-flex items-center gap-1.5", failed ? "text-bad" : "text-ink-2")}
    >
      <Icon aria-hidden className="size-3.5" />
      {failed ? "Failed" : "Sent"} <RelativeTime at={delivery.at} />
    </span>
  );
}
