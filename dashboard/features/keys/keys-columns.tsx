import { createColumnHelper, type VisibilityState } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { Name } from "@/components/names/name";
import { RelativeTime } from "@/components/ui/time";
import type { ApiKey } from "./api";
import { ExpiryTime } from "./expiry-time";
import { keyHref } from "./key-href";
import { KeyStatus } from "./key-status";
import { scopeInWords } from "./words";

const column = createColumnHelper<ApiKey>();

function Quiet({ children }: { children: string }) {
  return <span className="text-ink-3">{children}</span>;
}

export const KEYS_COLUMNS: Columns<ApiKey> = [
  column.accessor("name", {
    id: "name",
    header: "Name",
    enableSorting: true,
    meta: { name: "Name", className: "w-auto", fixed: true },
    cell: ({ row: { original: key } }) => (
      <>
        <RowLink href={keyHref(key)}>{key.name}</RowLink>
        <code className="ml-2 font-mono text-xs text-ink-3 max-lg:hidden">{key.key_prefix}…</code>
      </>
    ),
  }),
  column.accessor("status", {
    id: "status",
    header: "Status",
    meta: { name: "Status", className: "w-26", fixed: true },
    cell: ({ getValue }) => <KeyStatus status={getValue()} />,
  }),
  column.accessor("environment", {
    id: "environment",
    header: "Env",
    meta: { name: "Environment", className: "w-14" },
    cell: ({ getValue }) => <span className="text-ink-2">{getValue()}</span>,
  }),
  column.accessor("user_id", {
    id: "owner",
    header: "Owner",
    meta: { name: "Owner", className: "w-40 hidden md:table-cell" },
    cell: ({ getValue }) => {
      const owner = getValue();
      return owner ? <Name kind="user" id={owner} /> : <Quiet>Service</Quiet>;
    },
  }),
  column.accessor("team_id", {
    id: "team",
    header: "Team",
    meta: { name: "Team", className: "w-36 hidden xl:table-cell" },
    cell: ({ getValue }) => {
      const team = getValue();
      return team ? <Name kind="team" id={team} /> : <Quiet>–</Quiet>;
    },
  }),
  column.display({
    id: "scope",
    header: "Servers",
    meta: { name: "Servers", className: "w-32 hidden lg:table-cell" },
    cell: ({ row: { original: key } }) => (
      <span title={key.servers.join(", ")} className="text-ink-2">
        {scopeInWords(key.servers)}
      </span>
    ),
  }),
  column.accessor("last_used_at", {
    id: "last_used_at",
    header: "Last used",
    enableSorting: true,
    meta: { name: "Last used", className: "w-28 hidden sm:table-cell" },
    cell: ({ getValue }) => {
      const at = getValue();
      return at ? <RelativeTime at={at} className="text-ink-2" /> : <Quiet>Never</Quiet>;
    },
  }),
  column.accessor("expires_at", {
    id: "expires_at",
    header: "Expires",
    meta: { name: "Expires", className: "w-28 hidden md:table-cell" },
    cell: ({ getValue }) => <ExpiryTime at={getValue()} />,
  }),
  column.accessor("created_at", {
    id: "created_at",
    header: "Created",
    enableSorting: true,
    meta: { name: "Created", className: "w-28 hidden xl:table-cell" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];

export const HIDDEN_AT_FIRST: VisibilityState = {};
