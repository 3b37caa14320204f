import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { Name } from "@/components/names/name";
import { Money } from "@/components/ui/money";
import { ClockTime } from "@/components/ui/time";
import { count } from "@/lib/number";
import type { Charge } from "./api";

const column = createColumnHelper<Charge>();

/** A cost knows its call by the row of it, by which the API finds traces too. */
function traceHref(row: string): string {
  return `/trace?id=${row}`;
}

export function chargesColumns(linked: boolean): Columns<Charge> {
  return [
    column.accessor("created_at", {
      id: "created_at",
      header: "When",
      enableSorting: true,
      meta: { name: "When", className: "w-38 hidden md:table-cell" },
      cell: ({ getValue }) => <ClockTime at={getValue()} className="text-ink-2 tabular-nums" />,
    }),
    column.display({
      id: "tool",
      header: "Tool",
      meta: { name: "Tool", className: "w-auto", fixed: true },
      cell: ({ row: { original: charge } }) => {
        const name = charge.tool_name ?? "No tool";
        if (!linked || !charge.trace_id) return name;
        return <RowLink href={traceHref(charge.trace_id)}>{name}</RowLink>;
      },
    }),
    column.accessor("mcp_server", {
      id: "mcp_server",
      header: "Server",
      meta: { name: "Server", className: "w-32 sm:w-44" },
      cell: ({ getValue }) => getValue(),
    }),
    column.display({
      id: "caller",
      header: "Caller",
      meta: { name: "Caller", className: "w-52 hidden lg:table-cell" },
      cell: ({ row: { original: charge } }) => {
        if (charge.user_id) return <Name kind="user" id={charge.user_id} />;
        if (charge.api_key_id) return <Name kind="api_key" id={charge.api_key_id} />;
        return <span className="text-ink-3">–</span>;
      },
    }),
    column.accessor("environment", {
      id: "environment",
      header: "Env",
      meta: { name: "Environment", className: "w-16 hidden xl:table-cell" },
      cell: ({ getValue }) => getValue() ?? <span className="text-ink-3">–</span>,
    }),
    column.display({
      id: "tokens",
      header: "Tokens in / out",
      meta: { name: "Tokens in and out", className: "w-36 hidden xl:table-cell", align: "right" },
      cell: ({ row: { original: charge } }) =>
        `${count(charge.input_tokens)} / ${count(charge.output_tokens)}`,
    }),
    column.accessor("cost_usd", {
      id: "cost_usd",
      header: "Cost",
      enableSorting: true,
      meta: { name: "Cost", className: "w-26", align: "right", fixed: true },
      cell: ({ getValue }) => <Money amount={getValue()} />,
    }),
  ];
}
