import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { RelativeTime } from "@/components/ui/time";
import { OnOff } from "@/features/settings/listing/on-off";
import type { Provider } from "./api";
import { typeName } from "./types";

const column = createColumnHelper<Provider>();

export function providerHref({ id }: Pick<Provider, "id">): string {
  return `/settings/sso?id=${encodeURIComponent(id)}`;
}

export const PROVIDERS_COLUMNS: Columns<Provider> = [
  column.accessor("name", {
    id: "name",
    header: "Name",
    enableSorting: true,
    meta: { name: "Name", fixed: true },
    cell: ({ row: { original: provider } }) => (
      <>
        <RowLink href={providerHref(provider)}>{provider.name}</RowLink>
        <span className="ml-2 text-ink-3 max-md:hidden">{provider.issuer_url}</span>
      </>
    ),
  }),
  column.accessor("type", {
    id: "type",
    header: "Type",
    meta: { name: "Type", className: "hidden w-40 sm:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{typeName(getValue())}</span>,
  }),
  column.accessor("enabled", {
    id: "enabled",
    header: "State",
    meta: { name: "State", className: "w-20" },
    cell: ({ getValue }) => <OnOff on={getValue()} />,
  }),
  column.accessor("created_at", {
    id: "created_at",
    header: "Made",
    enableSorting: true,
    meta: { name: "Made", className: "hidden w-32 md:table-cell", align: "right" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];
