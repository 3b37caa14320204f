import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { Name } from "@/components/names/name";
import { RelativeTime } from "@/components/ui/time";
import { SEVERITIES } from "@/features/alerts/looks";
import type { Silence } from "./api";
import { standingOf } from "./draft";
import { StandingBadge } from "./standing";

const column = createColumnHelper<Silence>();

export function silencesColumns(
  hrefOf: (silence: Silence) => string,
  ruleName: (id: string) => string,
): Columns<Silence> {
  return [
    column.display({
      id: "standing",
      header: "State",
      meta: { name: "State", className: "w-26", fixed: true },
      cell: ({ row: { original: silence } }) => <StandingBadge standing={standingOf(silence, Date.now())} />,
    }),
    column.accessor("reason", {
      id: "reason",
      header: "Reason",
      meta: { name: "Reason", className: "w-auto", fixed: true },
      cell: ({ row: { original: silence } }) => <RowLink href={hrefOf(silence)}>{silence.reason}</RowLink>,
    }),
    column.display({
      id: "what",
      header: "Silences",
      meta: { name: "What it silences", className: "w-64 hidden md:table-cell" },
      cell: ({ row: { original: silence } }) => {
        const said = whatOf(silence, ruleName);
        return <span title={said}>{said}</span>;
      },
    }),
    column.accessor("starts_at", {
      id: "starts_at",
      header: "Begins",
      enableSorting: true,
      meta: { name: "Begins", className: "w-32 hidden lg:table-cell" },
      cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
    }),
    column.accessor("ends_at", {
      id: "ends_at",
      header: "Ends",
      enableSorting: true,
      meta: { name: "Ends", className: "w-28 sm:w-32" },
      cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
    }),
    column.accessor("created_by", {
      id: "created_by",
      header: "By",
      meta: { name: "By", className: "w-44 hidden 2xl:table-cell" },
      cell: ({ getValue }) => {
        const by = getValue();
        return by ? <Name kind="user" id={by} /> : <span className="text-ink-3">–</span>;
      },
    }),
  ];
}

/** “critical, of Error rate, on github”; everything where nothing narrows it. */
export function whatOf(silence: Silence, ruleName: (id: string) => string): string {
  const { rule_ids, severities, mcp_servers } = silence;
  const parts = [
    severities.map((one) => SEVERITIES[one]?.name ?? one).join(", "),
    rule_ids.map(ruleName).join(", "),
    mcp_servers.length > 0 && `on ${mcp_servers.join(", ")}`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(" · ") : "All alerts";
}
