import { createColumnHelper } from "@tanstack/react-table";
import { TriangleAlert } from "lucide-react";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { actionInWords, ToolLevel, ToolStatus } from "@/components/tool-badges";
import { RelativeTime } from "@/components/ui/time";
import { plural } from "@/lib/number";
import type { Tool } from "./api";
import { toolHref } from "./tool-href";

const column = createColumnHelper<Tool>();

export const TOOLS_COLUMNS: Columns<Tool> = [
  column.display({
    id: "name",
    header: "Tool",
    enableSorting: true,
    meta: { name: "Tool", className: "w-auto", fixed: true },
    cell: ({ row: { original: tool } }) => (
      <>
        {tool.flags.length > 0 && (
          <span title={plural(tool.flags.length, "finding")} className="mr-1.5 text-bad">
            <TriangleAlert aria-hidden className="inline size-3.5" />
            <span className="sr-only">{plural(tool.flags.length, "finding")}, </span>
          </span>
        )}
        <RowLink href={toolHref(tool)}>{tool.name}</RowLink>
        <span className="ml-2 text-ink-3 max-lg:hidden">{tool.description}</span>
      </>
    ),
  }),
  column.accessor("mcp_server", {
    id: "mcp_server",
    header: "Server",
    meta: { name: "Server", className: "w-40 hidden sm:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{getValue()}</span>,
  }),
  column.accessor("status", {
    id: "status",
    header: "Status",
    meta: { name: "Status", className: "w-28", fixed: true },
    cell: ({ getValue }) => <ToolStatus status={getValue()} />,
  }),
  column.accessor("classification", {
    id: "classification",
    header: "Classification",
    meta: { name: "Classification", className: "w-32 hidden md:table-cell" },
    cell: ({ getValue }) => <ToolLevel level={getValue()} />,
  }),
  column.accessor("action", {
    id: "action",
    header: "Calls",
    meta: { name: "What becomes of calls", className: "w-56 hidden xl:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{actionInWords(getValue())}</span>,
  }),
  column.accessor("last_seen_at", {
    id: "last_seen_at",
    header: "Last seen",
    enableSorting: true,
    meta: { name: "Last seen", className: "w-32 hidden lg:table-cell" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];
