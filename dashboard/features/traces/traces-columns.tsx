import { createColumnHelper, type VisibilityState } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { QuietStatus } from "@/components/span-status";
import { Money } from "@/components/ui/money";
import { ClockTime } from "@/components/ui/time";
import { bytes, count } from "@/lib/number";
import { duration } from "@/lib/time/time";
import type { Span } from "./api";
import { callerOf, nameOf } from "./caller";
import { traceHref } from "./trace-href";

const column = createColumnHelper<Span>();

function None() {
  return <span className="text-ink-3">–</span>;
}

export const TRACES_COLUMNS: Columns<Span> = [
  column.accessor("started_at", {
    id: "started_at",
    header: "Started",
    enableSorting: true,
    meta: { name: "Started", className: "w-38 hidden md:table-cell" },
    cell: ({ getValue }) => <ClockTime at={getValue()} className="text-ink-2 tabular-nums" />,
  }),
  column.accessor("status", {
    id: "status",
    header: () => <span className="sr-only sm:not-sr-only">Status</span>,
    meta: { name: "Status", className: "w-11 sm:w-28", fixed: true },
    cell: ({ getValue }) => <QuietStatus status={getValue()} short />,
  }),
  column.display({
    id: "tool",
    header: "Tool or method",
    meta: { name: "Tool or method", className: "w-auto", fixed: true },
    cell: ({ row: { original: span } }) => (
      <>
        <RowLink href={traceHref(span)}>{nameOf(span)}</RowLink>
        {span.error_message && (
          <span className="ml-2 text-ink-3 max-lg:hidden" title={span.error_message}>
            {span.error_message}
          </span>
        )}
      </>
    ),
  }),
  column.accessor("mcp_server", {
    id: "mcp_server",
    header: "Server",
    meta: { name: "Server", className: "w-40 hidden sm:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{getValue()}</span>,
  }),
  column.accessor("error_type", {
    id: "error_type",
    header: "Reason",
    meta: { name: "Reason of failure", className: "w-44 hidden xl:table-cell" },
    cell: ({ getValue }) =>
      getValue() ? <code className="font-mono text-xs text-ink-2">{getValue()}</code> : <None />,
  }),
  column.display({
    id: "caller",
    header: "Caller",
    meta: { name: "Caller", className: "w-48 hidden lg:table-cell" },
    cell: ({ row: { original: span } }) => <span className="text-ink-2">{callerOf(span) ?? <None />}</span>,
  }),
  column.accessor("environment", {
    id: "environment",
    header: "Env",
    meta: { name: "Environment", className: "w-16 hidden 2xl:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{getValue() ?? <None />}</span>,
  }),
  column.accessor("client_name", {
    id: "client",
    header: "Client",
    meta: { name: "Client", className: "w-36 hidden 2xl:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{getValue() ?? <None />}</span>,
  }),
  column.display({
    id: "tokens",
    header: "Tokens",
    meta: { name: "Tokens in and out", className: "w-32 hidden xl:table-cell", align: "right" },
    cell: ({ row: { original: span } }) =>
      span.input_tokens === null ? (
        <None />
      ) : (
        `${count(span.input_tokens)} / ${count(span.output_tokens ?? 0)}`
      ),
  }),
  column.display({
    id: "size",
    header: "Size",
    meta: { name: "Size of the answer", className: "w-24 hidden xl:table-cell", align: "right" },
    cell: ({ row: { original: span } }) => bytes(span.response_bytes),
  }),
  column.accessor("duration_ms", {
    id: "duration_ms",
    header: "Duration",
    enableSorting: true,
    meta: { name: "Duration", className: "w-24", align: "right" },
    cell: ({ getValue }) => duration(getValue()),
  }),
  column.accessor("cost_usd", {
    id: "cost_usd",
    header: "Cost",
    enableSorting: true,
    meta: { name: "Cost", className: "w-24 hidden sm:table-cell", align: "right" },
    cell: ({ getValue }) => <Money amount={getValue()} />,
  }),
];

export const HIDDEN_AT_FIRST: VisibilityState = { client: false, tokens: false, size: false };
