import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { ClockTime } from "@/components/ui/time";
import { count } from "@/lib/number";
import type { Approval } from "./api";
import { approvalHref } from "./approval-href";
import { ApprovalStatus } from "./approval-status";
import { requesterOf } from "./who";

const column = createColumnHelper<Approval>();

function None() {
  return <span className="text-ink-3">–</span>;
}

export const HISTORY_COLUMNS: Columns<Approval> = [
  column.accessor("created_at", {
    id: "created_at",
    header: "Asked",
    enableSorting: true,
    meta: { name: "Asked", className: "w-38 hidden md:table-cell" },
    cell: ({ getValue }) => <ClockTime at={getValue()} className="text-ink-2 tabular-nums" />,
  }),
  column.accessor("status", {
    id: "status",
    header: "Status",
    meta: { name: "Status", className: "w-28", fixed: true },
    cell: ({ getValue }) => <ApprovalStatus status={getValue()} />,
  }),
  column.accessor("tool_name", {
    id: "tool_name",
    header: "Tool",
    meta: { name: "Tool", className: "w-auto", fixed: true },
    cell: ({ row: { original: approval } }) => (
      <RowLink href={approvalHref(approval)}>{approval.tool_name}</RowLink>
    ),
  }),
  column.accessor("mcp_server", {
    id: "mcp_server",
    header: "Server",
    meta: { name: "Server", className: "w-40 hidden sm:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{getValue()}</span>,
  }),
  column.display({
    id: "requester",
    header: "Asked by",
    meta: { name: "Asked by", className: "w-60 hidden lg:table-cell" },
    cell: ({ row: { original: approval } }) => {
      const requester = requesterOf(approval);
      return (
        <span className="text-ink-2" title={requester}>
          {requester}
        </span>
      );
    },
  }),
  column.accessor("reviewer", {
    id: "reviewer",
    header: "Decided by",
    meta: { name: "Decided by", className: "w-52 hidden xl:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{getValue() ?? <None />}</span>,
  }),
  column.accessor("review_note", {
    id: "review_note",
    header: "Note",
    meta: { name: "Note", className: "w-60 hidden 2xl:table-cell" },
    cell: ({ getValue }) => (
      <span className="text-ink-2" title={getValue() ?? undefined}>
        {getValue() || <None />}
      </span>
    ),
  }),
  column.display({
    id: "uses",
    header: "Used",
    meta: { name: "Used", className: "w-20 hidden xl:table-cell", align: "right" },
    cell: ({ row: { original: approval } }) =>
      approval.valid_until ? `${count(approval.use_count)} / ${count(approval.max_uses)}` : <None />,
  }),
  column.accessor("expires_at", {
    id: "expires_at",
    header: "Waits until",
    enableSorting: true,
    meta: { name: "Waits until", className: "w-38 hidden 2xl:table-cell" },
    cell: ({ getValue }) => <ClockTime at={getValue()} className="text-ink-2 tabular-nums" />,
  }),
];
