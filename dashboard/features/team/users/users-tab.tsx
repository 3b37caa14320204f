"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { roleNamesQuery, teamNamesQuery } from "@/components/access/queries";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState, type ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { useMay } from "@/lib/session/session";
import { USER_FILTERS, usersQuery, type UserFilter } from "@/features/team/api";
import { userHref } from "@/features/team/hrefs";
import { USERS_COLUMNS } from "./users-columns";

const ALL_SHOWN = {};

export function UsersTab() {
  const router = useRouter();
  const list = useListState(USER_FILTERS, "name");
  const users = useInfiniteQuery(usersQuery(list.filters, list.sort));
  const rows = useMemo(() => users.data?.pages.flatMap((page) => page.users), [users.data]);
  return (
    <>
      <Filters {...list} />
      <PagedTable
        label="People"
        query={users}
        rows={rows}
        total={users.data?.pages[0]?.total}
        columns={USERS_COLUMNS}
        visibility={ALL_SHOWN}
        rowId={(user) => user.id}
        onOpen={(user) => router.push(userHref(user.id))}
        sort={list.sort}
        onSort={list.setSort}
        empty={
          <Notice
            icon={Users}
            title="Nobody is like that"
            actions={<Button onClick={list.clear}>Clear all filters</Button>}
          />
        }
      />
    </>
  );
}

function Filters({ filters, setFilters, clear }: ListState<UserFilter>) {
  const maySeeTeams = useMay("teams:read");
  const maySeeRoles = useMay("rbac:read");
  const teams = useQuery({ ...teamNamesQuery, enabled: maySeeTeams });
  const roles = useQuery({ ...roleNamesQuery, enabled: maySeeRoles });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchFilter
        label="Find by name or e-mail"
        value={filters.q}
        onChange={(q) => setFilters({ q })}
        className="w-full sm:w-64"
      />
      <ChoiceFilter
        name="Status"
        value={filters.status}
        options={[
          { value: "active", name: "Active" },
          { value: "suspended", name: "Suspended" },
        ]}
        onChange={(status) => setFilters({ status })}
      />
      {roles.data && (
        <ChoiceFilter
          name="Role"
          value={filters.role}
          options={roles.data.roles.map(({ name }) => ({ value: name, name }))}
          onChange={(role) => setFilters({ role })}
        />
      )}
      {teams.data && teams.data.teams.length > 0 && (
        <ChoiceFilter
          name="Team"
          value={filters.team_id}
          options={teams.data.teams.map(({ id, name }) => ({ value: id, name }))}
          onChange={(team_id) => setFilters({ team_id })}
        />
      )}
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={clear}>
          Clear all
        </Button>
      )}
    </div>
  );
}
