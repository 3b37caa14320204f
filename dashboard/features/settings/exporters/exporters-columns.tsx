import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { RelativeTime } from "@/components/ui/time";
import { OnOff } from "@/features/settings/listing/on-off";
import { shortCount } from "@/lib/number";
import type { Exporter } from "./api";
import { protocolName } from "./protocols";

const column = createColumnHelper<Exporter>();

export function exporterHref({ id }: Pick<Exporter, "id">): string {
  return `/settings/exporters?id=${encodeURIComponent(id)}`;
}

export const EXPORTERS_COLUMNS: Columns<Exporter> = [
  column.accessor("name", {
    id: "name",
    header: "Name",
    enableSorting: true,
    meta: { name: "Name", fixed: true },
    cell: ({ row: { original: exporter } }) => (
      <>
        <RowLink href={exporterHref(exporter)}>{exporter.name}</RowLink>
        <span className="ml-2 text-ink-3 max-md:hidden">{exporter.endpoint}</span>
      </>
    ),
  }),
  column.accessor("protocol", {
    id: "protocol",
    header: "Protocol",
    meta: { name: "Protocol", className: "hidden w-32 md:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{protocolName(getValue())}</span>,
  }),
  column.display({
    id: "exported",
    header: "Spans",
    meta: { name: "Spans", className: "hidden w-24 sm:table-cell", align: "right" },
    cell: ({ row: { original } }) => shortCount(original.stats.exported),
  }),
  column.display({
    id: "last",
    header: "Last sent",
    meta: { name: "Last sent", className: "hidden w-32 lg:table-cell" },
    cell: ({ row: { original } }) => {
      if (original.stats.last_error) return <span className="text-bad">Fails</span>;
      const at = original.stats.last_export_at;
      return at ? <RelativeTime at={at} className="text-ink-2" /> : <span className="text-ink-3">–</span>;
    },
  }),
  column.accessor("enabled", {
    id: "enabled",
    header: "State",
    meta: { name: "State", className: "w-20" },
    cell: ({ getValue }) => <OnOff on={getValue()} />,
  }),
];
