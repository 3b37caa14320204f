import { createColumnHelper } from "@tanstack/react-table";
import { KindName } from "@/components/names/name";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { RelativeTime } from "@/components/ui/time";
import { count } from "@/lib/number";
import type { Permission } from "./api";
import { Effect } from "./effect";
import { permissionHref } from "./permission-href";
import { ruleInWords, toolsInWords } from "./sentence";

const column = createColumnHelper<Permission>();

const NOTHING = <span className="text-ink-3">–</span>;

export const PERMISSIONS_COLUMNS: Columns<Permission> = [
  column.display({
    id: "name",
    header: "Tools",
    enableSorting: true,
    meta: { name: "Tools", className: "w-auto", fixed: true },
    cell: ({ row: { original: permission } }) => (
      <RowLink href={permissionHref(permission)}>{toolsInWords(permission)}</RowLink>
    ),
  }),
  column.display({
    id: "effect",
    header: "Effect",
    meta: { name: "Effect", className: "w-24", fixed: true },
    cell: ({ row: { original: permission } }) => <Effect permission={permission} now={Date.now()} />,
  }),
  column.display({
    id: "subject",
    header: "For",
    meta: { name: "For", className: "w-36 sm:w-56", fixed: true },
    cell: ({ row: { original: permission } }) => (
      <KindName kind={permission.subject_type} id={permission.subject_id} />
    ),
  }),
  column.accessor("argument_rules", {
    id: "rules",
    header: "Arguments",
    meta: { name: "Arguments", className: "w-72 hidden lg:table-cell" },
    cell: ({ row: { original: permission } }) => {
      const said = permission.argument_rules.map(ruleInWords).join(", ");
      return said ? (
        <span title={said} className="text-ink-2">
          {said}
        </span>
      ) : (
        NOTHING
      );
    },
  }),
  column.accessor("max_uses_per_day", {
    id: "uses",
    header: "Uses a day",
    meta: { name: "Uses a day", className: "w-24 hidden md:table-cell", align: "right" },
    cell: ({ row: { original: permission } }) =>
      permission.max_uses_per_day === null ? NOTHING : count(permission.max_uses_per_day),
  }),
  column.accessor("expires_at", {
    id: "expires_at",
    header: "Ends",
    meta: { name: "Ends", className: "w-28 hidden md:table-cell" },
    cell: ({ row: { original: permission } }) =>
      permission.expires_at === null ? (
        <span className="text-ink-3">Never</span>
      ) : (
        <RelativeTime at={permission.expires_at} className="text-ink-2" />
      ),
  }),
  column.accessor("updated_at", {
    id: "updated_at",
    header: "Changed",
    enableSorting: true,
    meta: { name: "Changed", className: "w-28 hidden xl:table-cell" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
  column.accessor("created_at", {
    id: "created_at",
    header: "Made",
    enableSorting: true,
    meta: { name: "Made", className: "w-28 hidden 2xl:table-cell" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];
