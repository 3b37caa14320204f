import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { RelativeTime } from "@/components/ui/time";
import type { User } from "@/features/team/api";
import { userHref } from "@/features/team/hrefs";
import { UserStatus } from "@/features/team/user-status";

const column = createColumnHelper<User>();

export const USERS_COLUMNS: Columns<User> = [
  column.accessor("name", {
    id: "name",
    header: "Name",
    enableSorting: true,
    meta: { name: "Name", className: "w-auto", fixed: true },
    cell: ({ row: { original: user } }) => (
      <>
        <RowLink href={userHref(user.id)}>{user.name || user.email}</RowLink>
        {user.name && <span className="ml-2 text-ink-3 max-sm:hidden">{user.email}</span>}
      </>
    ),
  }),
  column.accessor("status", {
    id: "status",
    header: "Status",
    meta: { name: "Status", className: "w-28", fixed: true },
    cell: ({ getValue }) => <UserStatus status={getValue()} />,
  }),
  column.accessor("role", {
    id: "role",
    header: "Role",
    meta: { name: "Highest role", className: "w-32 hidden sm:table-cell" },
    cell: ({ getValue }) => getValue() ?? <span className="text-ink-3">None</span>,
  }),
  column.accessor("teams", {
    id: "teams",
    header: "Teams",
    meta: { name: "Teams", className: "w-48 hidden lg:table-cell" },
    cell: ({ getValue }) => {
      const names = getValue()
        .map((team: User["teams"][number]) => team.name)
        .join(", ");
      return <span title={names}>{names || <span className="text-ink-3">–</span>}</span>;
    },
  }),
  column.accessor("auth_method", {
    id: "auth_method",
    header: "Sign-in",
    meta: { name: "How they sign in", className: "w-24 hidden xl:table-cell" },
    cell: ({ getValue }) => <span className="text-ink-2">{getValue() === "sso" ? "SSO" : "Password"}</span>,
  }),
  column.accessor("last_active_at", {
    id: "last_active_at",
    header: "Last active",
    meta: { name: "Last active", className: "w-28 hidden md:table-cell" },
    cell: ({ getValue }) => {
      const at = getValue();
      return at ? <RelativeTime at={at} className="text-ink-2" /> : <span className="text-ink-3">Never</span>;
    },
  }),
  column.accessor("created_at", {
    id: "created_at",
    header: "Joined",
    enableSorting: true,
    meta: { name: "Joined", className: "w-28 hidden lg:table-cell" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];
