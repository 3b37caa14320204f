"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { createColumnHelper } from "@tanstack/react-table";
import { Plus, ShieldCheck } from "lucide-react";
import { Can } from "@/components/can";
import type { Columns } from "@/components/data-table/column-meta";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { RowLink } from "@/components/data-table/table-row";
import { useListState } from "@/components/data-table/use-list-state";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Badge } from "@/components/ui/badge";
import { buttonClass } from "@/components/ui/button";
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

export function RolesTab() {
  const list = useListState(FILTERS, "name");
  const roles = useInfiniteQuery(rolesQuery(list.filters.q));
  return (
    <>
      <FilterRow
        list={list}
        search={
          <SearchFilter label="Find a role" value={list.filters.q} onChange={(q) => list.setFilters({ q })} />
        }
        actions={
          <Can permission="rbac:admin">
            <Link href="/role?id=new" className={buttonClass()}>
              <Plus aria-hidden />
              New role
            </Link>
          </Can>
        }
      />
      <PagedTable
        label="Roles"
        query={roles}
        rowsOf={(page) => page.roles}
        columns={COLUMNS}
        list={list}
        empty={<Notice icon={ShieldCheck} title="There is no role that you may see" />}
      />
    </>
  );
}
