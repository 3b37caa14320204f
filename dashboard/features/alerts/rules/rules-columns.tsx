import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { RelativeTime } from "@/components/ui/time";
import { ruleHref } from "@/features/alerts/alert-href";
import { RuleState, SeverityBadge } from "@/features/alerts/looks";
import { formatMeasure, minutesInWords, termsInWords } from "@/features/alerts/metrics";
import { plural } from "@/lib/number";
import type { Rule } from "./api";

const column = createColumnHelper<Rule>();

export const RULES_COLUMNS: Columns<Rule> = [
  column.accessor("state", {
    id: "state",
    header: "State",
    meta: { name: "State", className: "w-26", fixed: true },
    cell: ({ getValue }) => <RuleState state={getValue()} />,
  }),
  column.accessor("name", {
    id: "name",
    header: "Name",
    enableSorting: true,
    meta: { name: "Name", className: "w-auto", fixed: true },
    cell: ({ row: { original: rule } }) => (
      <>
        <RowLink href={ruleHref(rule.id)}>{rule.name}</RowLink>
        {rule.description && <span className="ml-2 text-ink-3 max-xl:hidden">{rule.description}</span>}
      </>
    ),
  }),
  column.display({
    id: "terms",
    header: "Fires when",
    meta: { name: "Fires when", className: "w-56 hidden md:table-cell" },
    cell: ({ row: { original: rule } }) => termsInWords(rule),
  }),
  column.accessor("window_minutes", {
    id: "window",
    header: "Window",
    meta: { name: "Window", className: "w-28 hidden 2xl:table-cell" },
    cell: ({ getValue }) => minutesInWords(getValue()),
  }),
  column.display({
    id: "value",
    header: "Now",
    meta: { name: "Last value", className: "w-26 hidden lg:table-cell", align: "right" },
    cell: ({ row: { original: rule } }) =>
      rule.last_value === null ? (
        <span className="text-ink-3">–</span>
      ) : (
        formatMeasure(rule.metric, rule.last_value)
      ),
  }),
  column.accessor("severity", {
    id: "severity",
    header: "Severity",
    meta: { name: "Severity", className: "w-26 hidden sm:table-cell" },
    cell: ({ getValue }) => <SeverityBadge severity={getValue()} />,
  }),
  column.display({
    id: "channels",
    header: "Channels",
    meta: { name: "Channels", className: "w-28 hidden xl:table-cell" },
    cell: ({ row: { original: rule } }) =>
      rule.channel_ids.length > 0 ? (
        plural(rule.channel_ids.length, "channel")
      ) : (
        <span className="text-ink-3">Nobody</span>
      ),
  }),
  column.accessor("updated_at", {
    id: "updated_at",
    header: "Changed",
    enableSorting: true,
    meta: { name: "Changed", className: "w-28 hidden 2xl:table-cell" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];
