import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { Badge } from "@/components/ui/badge";
import { Money } from "@/components/ui/money";
import { RelativeTime } from "@/components/ui/time";
import { count, percent, shortCount } from "@/lib/number";
import { duration } from "@/lib/time/time";
import type { Schemas } from "@/lib/api/client";
import type { Server } from "./api";
import { EraBadge, ServerHealth } from "./health";
import { serverHref } from "./server-href";

export type Row = Server & { calls: Schemas["TopServer"] | undefined };

const column = createColumnHelper<Row>();
const None = () => <span className="text-ink-3">–</span>;

export const SERVERS_COLUMNS: Columns<Row> = [
  column.display({
    id: "name",
    header: "Server",
    enableSorting: true,
    meta: { name: "Server", className: "w-auto", fixed: true },
    cell: ({ row: { original: server } }) => (
      <>
        <RowLink href={serverHref(server.name)}>{server.name}</RowLink>
        <span className="ml-2 text-ink-3 max-sm:hidden">{server.display_name ?? server.url}</span>
      </>
    ),
  }),
  column.display({
    id: "health",
    header: "Health",
    meta: { name: "Health", className: "w-36", fixed: true },
    cell: ({ row: { original: server } }) => <ServerHealth server={server} />,
  }),
  column.display({
    id: "era",
    header: "Era",
    meta: { name: "Era and protocol version", className: "w-40 hidden lg:table-cell" },
    cell: ({ row: { original: server } }) => <EraBadge version={server.protocol_version} />,
  }),
  column.display({
    id: "latency",
    header: "Answers in",
    meta: { name: "Latency of the last look", className: "w-24 hidden xl:table-cell", align: "right" },
    cell: ({ row: { original: server } }) =>
      server.health.latency_ms === null ? <None /> : duration(server.health.latency_ms),
  }),
  column.display({
    id: "tools",
    header: "Tools",
    meta: { name: "Tools", className: "w-36 hidden md:table-cell", align: "right" },
    cell: ({ row: { original: server } }) => (
      <span className="inline-flex items-center gap-2">
        {server.pending_review_count > 0 && (
          <Badge tone="warn">{count(server.pending_review_count)} to review</Badge>
        )}
        {count(server.tool_count)}
      </span>
    ),
  }),
  column.display({
    id: "calls",
    header: "Calls, 24 h",
    meta: { name: "Calls in 24 hours", className: "w-28 hidden sm:table-cell", align: "right" },
    cell: ({ row: { original: server } }) => (server.calls ? shortCount(server.calls.requests) : <None />),
  }),
  column.display({
    id: "errors",
    header: "Errors, 24 h",
    meta: { name: "Errors in 24 hours", className: "w-28 hidden xl:table-cell", align: "right" },
    cell: ({ row: { original: server } }) => (server.calls ? percent(server.calls.error_rate) : <None />),
  }),
  column.display({
    id: "cost",
    header: "Cost, 24 h",
    meta: { name: "Cost in 24 hours", className: "w-28 hidden xl:table-cell", align: "right" },
    cell: ({ row: { original: server } }) => <Money amount={server.calls?.cost ?? null} />,
  }),
  column.accessor("updated_at", {
    id: "updated_at",
    header: "Changed",
    enableSorting: true,
    meta: { name: "Changed", className: "w-32 hidden 2xl:table-cell" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];
