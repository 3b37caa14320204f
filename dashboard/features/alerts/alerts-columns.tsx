import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { Badge } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/time";
import type { Alert } from "./api";
import { alertHref } from "./alert-href";
import { AlertStatus, SeverityBadge } from "./looks";
import { formatMeasure, metricName } from "./metrics";

const column = createColumnHelper<Alert>();

export const ALERTS_COLUMNS: Columns<Alert> = [
  column.accessor("severity", {
    id: "severity",
    header: "Severity",
    meta: { name: "Severity", className: "w-26", fixed: true },
    cell: ({ getValue }) => <SeverityBadge severity={getValue()} />,
  }),
  column.display({
    id: "rule",
    header: "Alert",
    meta: { name: "Alert", className: "w-auto", fixed: true },
    cell: ({ row: { original: alert } }) => (
      <>
        <RowLink href={alertHref(alert.id)}>{alert.rule_name}</RowLink>
        {alert.is_test && (
          <span className="ml-2">
            <Badge tone="accent">Test</Badge>
          </span>
        )}
        <span className="ml-2 text-ink-3 max-md:hidden" title={alert.message}>
          {alert.message}
        </span>
      </>
    ),
  }),
  column.accessor("status", {
    id: "status",
    header: "Status",
    meta: { name: "Status", className: "w-34", fixed: true },
    cell: ({ getValue }) => <AlertStatus status={getValue()} />,
  }),
  column.accessor("metric", {
    id: "metric",
    header: "Metric",
    meta: { name: "Metric", className: "w-36 hidden xl:table-cell" },
    cell: ({ getValue }) => metricName(getValue()),
  }),
  column.display({
    id: "value",
    header: "Value",
    meta: { name: "Value", className: "w-28 hidden lg:table-cell", align: "right" },
    cell: ({ row: { original: alert } }) => formatMeasure(alert.metric, alert.value),
  }),
  column.accessor("started_at", {
    id: "started_at",
    header: "Started",
    enableSorting: true,
    meta: { name: "Started", className: "w-32 hidden sm:table-cell" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
  column.accessor("resolved_at", {
    id: "resolved_at",
    header: "Resolved",
    meta: { name: "Resolved", className: "w-32 hidden 2xl:table-cell" },
    cell: ({ getValue }) => {
      const at = getValue();
      return at ? <RelativeTime at={at} className="text-ink-2" /> : <span className="text-ink-3">–</span>;
    },
  }),
];
