import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { OnOff } from "@/features/settings/listing/on-off";
import type { RateLimit } from "./api";
import { coverage, limitInWords } from "./limit-words";
import { MemberName } from "./member-name";

const column = createColumnHelper<RateLimit>();

export function limitHref({ id }: Pick<RateLimit, "id">): string {
  return `/settings/limits?id=${encodeURIComponent(id)}`;
}

export const LIMITS_COLUMNS: Columns<RateLimit> = [
  column.accessor("name", {
    id: "name",
    header: "Name",
    enableSorting: true,
    meta: { name: "Name", fixed: true },
    cell: ({ row: { original: limit } }) => <RowLink href={limitHref(limit)}>{limit.name}</RowLink>,
  }),
  column.display({
    id: "limit",
    header: "Limit",
    meta: { name: "Limit", className: "hidden w-56 sm:table-cell" },
    cell: ({ row: { original: limit } }) => <span className="text-ink-2">{limitInWords(limit)}</span>,
  }),
  column.display({
    id: "covers",
    header: "Covers",
    meta: { name: "Covers", className: "hidden w-48 md:table-cell" },
    cell: ({ row: { original: limit } }) => (
      <span className="text-ink-2">
        {limit.scope_value ? (
          <MemberName scope={limit.scope_type} value={limit.scope_value} />
        ) : (
          coverage(limit)
        )}
        {limit.environment && `, ${limit.environment}`}
      </span>
    ),
  }),
  column.accessor("enabled", {
    id: "enabled",
    header: "State",
    meta: { name: "State", className: "w-20" },
    cell: ({ getValue }) => <OnOff on={getValue()} />,
  }),
];
