import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { Badge } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/time";
import type { Policy } from "@/features/safety/api";
import { Action } from "@/features/safety/looks";
import { DETECTORS, nameIn, SENSITIVITIES } from "@/features/safety/vocabulary";
import { policyHref } from "./policy-href";
import { scopeOf } from "./scope";

const column = createColumnHelper<Policy>();

export const POLICY_COLUMNS: Columns<Policy> = [
  column.accessor("name", {
    id: "name",
    header: "Name",
    enableSorting: true,
    meta: { name: "Name", className: "w-auto", fixed: true },
    cell: ({ row: { original: policy } }) => (
      <>
        <RowLink href={policyHref(policy)}>{policy.name}</RowLink>
        {policy.is_default && <span className="ml-2 text-ink-3">default</span>}
        {policy.description && (
          <span className="ml-2 text-ink-3 max-xl:hidden" title={policy.description}>
            {policy.description}
          </span>
        )}
      </>
    ),
  }),
  column.accessor("enabled", {
    id: "enabled",
    header: "State",
    meta: { name: "State", className: "w-16", fixed: true },
    cell: ({ getValue }) => <Badge tone={getValue() ? "ok" : "idle"}>{getValue() ? "On" : "Off"}</Badge>,
  }),
  column.accessor("mode", {
    id: "mode",
    header: "Mode",
    meta: { name: "Mode", className: "w-24", fixed: true },
    cell: ({ getValue }) => <Action action={getValue()} />,
  }),
  column.display({
    id: "scope",
    header: "Covers",
    meta: { name: "Covers", className: "w-56 hidden md:table-cell" },
    cell: ({ row: { original: policy } }) => (
      <span className="text-ink-2" title={scopeOf(policy)}>
        {scopeOf(policy)}
      </span>
    ),
  }),
  column.accessor("detectors", {
    id: "detectors",
    header: "Detectors",
    meta: { name: "Detectors", className: "w-52 hidden lg:table-cell" },
    cell: ({ getValue }) => <Detectors values={getValue()} />,
  }),
  column.accessor("sensitivity", {
    id: "sensitivity",
    header: "Sensitivity",
    meta: { name: "Sensitivity", className: "w-28 hidden xl:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{nameIn(SENSITIVITIES, getValue())}</span>,
  }),
  column.accessor("updated_at", {
    id: "updated_at",
    header: "Changed",
    enableSorting: true,
    meta: { name: "Changed", className: "w-28 hidden lg:table-cell" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];

function Detectors({ values }: { values: readonly string[] }) {
  const names = values.map((value) => nameIn(DETECTORS, value)).join(", ");
  const all = DETECTORS.every(({ value }) => values.includes(value));
  return (
    <span className="text-ink-2" title={names}>
      {all ? "All" : names}
    </span>
  );
}
