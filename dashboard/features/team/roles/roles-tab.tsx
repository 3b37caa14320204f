"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { createColumnHelper } from "@tanstack/react-table";
import { Plus, ShieldCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { Can } from "@/components/can";
import type { Columns } from "@/components/data-table/column-meta";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { RowLink } from "@/components/data-table/table-row";
import { useListState } from "@/components/data-table/use-list-state";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Badge } from "@/components/ui/badge";
import { Button, buttonClass } from "@/components/ui/button";
import { count } from "@/lib/number";
import { rolesQuery, type Role } from "@/features/team/api";
import { roleHref } from "@/features/team/hrefs";

const column = createColumnHelper<Role>();

const COLUMNS: Columns<Role> = [
  column.accessor("name", {
    id: "name",
    header: "Name",
    meta: { name: "Name", className: "w-auto", fixed: true },
    cell: ({ row: { original: role } }) => (
      <>
        <RowLink href={roleHref(role.id)}>{role.name}</RowLink>
        {role.description && <span className="ml-2 text-ink-3 max-md:hidden">{role.description}</span>}
      </>
    ),
  }),
  column.accessor("is_builtin", {
    id: "is_builtin",
    header: "Kind",
    meta: { name: "Kind", className: "w-24" },
    cell: ({ getValue }) => (getValue() ? <Badge>Built in</Badge> : <Badge tone="accent">Custom</Badge>),
  }),
  column.accessor("permissions", {
    id: "permissions",
    header: "Grants",
    meta: { name: "Grants", className: "w-20 hidden sm:table-cell", align: "right" },
    cell: ({ getValue }) => (getValue().includes("*") ? "all" : count(getValue().length)),
  }),
  column.accessor("user_count", {
    id: "user_count",
    header: "People",
    meta: { name: "People", className: "w-20", align: "right" },
    cell: ({ getValue }) => count(getValue()),
  }),
];

const FILTERS = ["q"] as const;
const ALL_SHOWN = {};

export function RolesTab() {
  const router = useRouter();
  const list = useListState(FILTERS, "name");
  const roles = useInfiniteQuery(rolesQuery(list.filters.q));
  const rows = useMemo(() => roles.data?.pages.flatMap((page) => page.roles), [roles.data]);
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <SearchFilter
          label="Find a role"
          value={list.filters.q}
          onChange={(q) => list.setFilters({ q })}
          className="w-full sm:w-64"
        />
        <Can permission="rbac:admin">
          <Link href="/role?id=new" className={buttonClass()}>
            <Plus aria-hidden />
            New role
          </Link>
        </Can>
      </div>
      <PagedTable
        label="Roles"
        query={roles}
        rows={rows}
        total={roles.data?.pages[0]?.total}
        columns={COLUMNS}
        visibility={ALL_SHOWN}
        rowId={(role) => role.id}
        onOpen={(role) => router.push(roleHref(role.id))}
        sort="name"
        onSort={list.setSort}
        empty={
          <Notice
            icon={ShieldCheck}
            title="No role is called that"
            actions={<Button onClick={list.clear}>Clear the filter</Button>}
          />
        }
      />
    </>
  );
}
