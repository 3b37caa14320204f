"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState, type ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { useDirectory } from "@/lib/directory/directory";
import { USER_FILTERS, usersQuery, type UserFilter } from "@/features/team/api";
import { USERS_COLUMNS } from "./users-columns";

export function UsersTab() {
  const list = useListState(USER_FILTERS, "name");
  const users = useInfiniteQuery(usersQuery(list.filters, list.sort));
  return (
    <>
      <Filters list={list} />
      <PagedTable
        label="People"
        query={users}
        rowsOf={(page) => page.users}
        columns={USERS_COLUMNS}
        list={list}
        empty={<Notice icon={Users} title="There is nobody whom you may see" />}
      />
    </>
  );
}

function Filters({ list }: { list: ListState<UserFilter> }) {
  const { filters, setFilters } = list;
  const teams = useDirectory("team");
  const roles = useDirectory("role");
  return (
    <FilterRow
      list={list}
      search={
        <SearchFilter label="Find by name or e-mail" value={filters.q} onChange={(q) => setFilters({ q })} />
      }
    >
      <ChoiceFilter
        name="Status"
        value={filters.status}
        options={[
          { value: "active", name: "Active" },
          { value: "suspended", name: "Suspended" },
        ]}
        onChange={(status) => setFilters({ status })}
      />
      {roles.all && (
        <ChoiceFilter
          name="Role"
          value={filters.role}
          options={roles.all.map(({ name }) => ({ value: name, name }))}
          onChange={(role) => setFilters({ role })}
        />
      )}
      {teams.options && teams.options.length > 0 && (
        <ChoiceFilter
          name="Team"
          value={filters.team_id}
          options={teams.options}
          onChange={(team_id) => setFilters({ team_id })}
        />
      )}
    </FilterRow>
  );
}
