import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { ClockTime } from "@/components/ui/time";
import type { Detection } from "@/features/safety/api";
import { Action, Disposition, Severity } from "@/features/safety/looks";
import { DETECTORS, nameIn } from "@/features/safety/vocabulary";
import { inWords } from "@/lib/in-words";
import { percent } from "@/lib/number";
import { detectionHref } from "./detection-href";

const column = createColumnHelper<Detection>();

function None() {
  return <span className="text-ink-3">–</span>;
}

export const DETECTION_COLUMNS: Columns<Detection> = [
  column.accessor("created_at", {
    id: "created_at",
    header: "Found",
    enableSorting: true,
    meta: { name: "Found", className: "w-38 hidden md:table-cell" },
    cell: ({ getValue }) => <ClockTime at={getValue()} className="text-ink-2 tabular-nums" />,
  }),
  column.accessor("type", {
    id: "type",
    header: "What",
    meta: { name: "What", className: "w-auto", fixed: true },
    cell: ({ row: { original: detection } }) => (
      <RowLink href={detectionHref(detection)}>{nameIn(DETECTORS, detection.type)}</RowLink>
    ),
  }),
  column.accessor("severity", {
    id: "severity",
    header: "Severity",
    meta: { name: "Severity", className: "w-22", fixed: true },
    cell: ({ getValue }) => <Severity severity={getValue()} />,
  }),
  column.accessor("action", {
    id: "action",
    header: "Done",
    meta: { name: "What was done", className: "w-28", fixed: true },
    cell: ({ getValue }) => <Action action={getValue()} />,
  }),
  column.accessor("snippet", {
    id: "snippet",
    header: "Found text",
    meta: { name: "Found text", className: "w-72 hidden xl:table-cell" },
    cell: ({ getValue }) => <code className="font-mono text-xs text-ink-2">{getValue() ?? "–"}</code>,
  }),
  column.accessor("mcp_server", {
    id: "mcp_server",
    header: "Server",
    meta: { name: "Server", className: "w-36 hidden sm:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{getValue()}</span>,
  }),
  column.accessor("tool_name", {
    id: "tool_name",
    header: "Tool",
    meta: { name: "Tool", className: "w-40 hidden lg:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{getValue() ?? <None />}</span>,
  }),
  column.accessor("direction", {
    id: "direction",
    header: "In",
    meta: { name: "In", className: "w-24 hidden 2xl:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{inWords(getValue())}</span>,
  }),
  column.accessor("confidence", {
    id: "confidence",
    header: "Sure",
    meta: { name: "How sure", className: "w-18 hidden 2xl:table-cell", align: "right" },
    cell: ({ getValue }) => percent(getValue()),
  }),
  column.accessor("disposition", {
    id: "disposition",
    header: "Disposition",
    meta: { name: "Disposition", className: "w-32 hidden md:table-cell" },
    cell: ({ getValue }) => <Disposition disposition={getValue()} />,
  }),
];
