import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { ClockTime } from "@/components/ui/time";
import { inWords } from "@/lib/in-words";
import { actorOf, resourceOf } from "./who-and-what";
import type { AuditLog } from "./api";
import { entryHref } from "./entry-href";
import { Outcome } from "./outcome";

const column = createColumnHelper<AuditLog>();

function None() {
  return <span className="text-ink-3">–</span>;
}

export const LOG_COLUMNS: Columns<AuditLog> = [
  column.accessor("created_at", {
    id: "created_at",
    header: "Time",
    enableSorting: true,
    meta: { name: "Time", className: "w-38 hidden md:table-cell" },
    cell: ({ getValue }) => <ClockTime at={getValue()} className="text-ink-2 tabular-nums" />,
  }),
  column.accessor("action", {
    id: "action",
    header: "Action",
    meta: { name: "Action", className: "w-1/2 sm:w-56", fixed: true },
    cell: ({ row: { original: entry } }) => (
      <RowLink href={entryHref(entry)} className="font-mono text-xs" title={entry.action}>
        {entry.action}
      </RowLink>
    ),
  }),
  column.accessor("outcome", {
    id: "outcome",
    header: "Outcome",
    meta: { name: "Outcome", className: "w-26", fixed: true },
    cell: ({ getValue }) => <Outcome outcome={getValue()} />,
  }),
  column.display({
    id: "actor",
    header: "By",
    meta: { name: "By", className: "w-auto hidden sm:table-cell" },
    cell: ({ row: { original: entry } }) => (
      <span title={entry.actor_id ?? undefined}>
        {actorOf(entry)} <span className="text-ink-3 max-xl:hidden">{inWords(entry.actor_type)}</span>
      </span>
    ),
  }),
  column.display({
    id: "resource",
    header: "On",
    meta: { name: "On", className: "w-auto hidden lg:table-cell" },
    cell: ({ row: { original: entry } }) => (
      <span title={entry.resource_id ?? undefined}>{resourceOf(entry) ?? <None />}</span>
    ),
  }),
  column.accessor("resource_type", {
    id: "resource_type",
    header: "Kind",
    meta: { name: "Kind of resource", className: "w-36 hidden 2xl:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{inWords(getValue() ?? "") || <None />}</span>,
  }),
  column.accessor("ip_address", {
    id: "ip_address",
    header: "Address",
    meta: { name: "IP address", className: "w-36 hidden xl:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2 tabular-nums">{getValue() ?? <None />}</span>,
  }),
  column.accessor("seq", {
    id: "seq",
    header: "No.",
    enableSorting: true,
    meta: { name: "Number", className: "w-24 hidden xl:table-cell", align: "right" },
    cell: ({ getValue }) => <span className="text-ink-2">{getValue()}</span>,
  }),
];
