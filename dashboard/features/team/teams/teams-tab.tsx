"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { createColumnHelper } from "@tanstack/react-table";
import { Plus, UsersRound } from "lucide-react";
import { useRouter } from "next/navigation";
import { Can } from "@/components/can";
import type { Columns } from "@/components/data-table/column-meta";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { RowLink } from "@/components/data-table/table-row";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/time";
import { count } from "@/lib/number";
import { useUrl } from "@/lib/url/use-url";
import { teamsQuery, type Team } from "@/features/team/api";
import { teamHref } from "@/features/team/hrefs";
import { TeamDialog } from "./team-dialog";

const column = createColumnHelper<Team>();

const COLUMNS: Columns<Team> = [
  column.accessor("name", {
    id: "name",
    header: "Name",
    enableSorting: true,
    meta: { name: "Name", className: "w-auto", fixed: true },
    cell: ({ row: { original: team } }) => (
      <>
        <RowLink href={teamHref(team.id)}>{team.name}</RowLink>
        {team.description && <span className="ml-2 text-ink-3 max-md:hidden">{team.description}</span>}
      </>
    ),
  }),
  column.accessor("slug", {
    id: "slug",
    header: "Short name",
    meta: { name: "Short name", className: "w-44 hidden lg:table-cell" },
    cell: ({ getValue }) => <code className="font-mono text-xs text-ink-2">{getValue()}</code>,
  }),
  column.accessor("member_count", {
    id: "member_count",
    header: "Members",
    meta: { name: "Members", className: "w-24", align: "right" },
    cell: ({ getValue }) => count(getValue()),
  }),
  column.accessor("created_at", {
    id: "created_at",
    header: "Made",
    enableSorting: true,
    meta: { name: "Made", className: "w-28 hidden sm:table-cell" },
    cell: ({ getValue }) => <RelativeTime at={getValue()} className="text-ink-2" />,
  }),
];

const FILTERS = ["q"] as const;

export function TeamsTab() {
  const router = useRouter();
  const list = useListState(FILTERS, "name");
  const { parameters, change } = useUrl();
  const teams = useInfiniteQuery(teamsQuery(list.filters.q, list.sort));
  const open = (next: boolean) => change({ new: next ? "team" : null });
  const newTeam = (
    <Can permission="teams:admin">
      <Button onClick={() => open(true)}>
        <Plus aria-hidden />
        New team
      </Button>
    </Can>
  );
  return (
    <>
      <FilterRow
        list={list}
        search={
          <SearchFilter label="Find a team" value={list.filters.q} onChange={(q) => list.setFilters({ q })} />
        }
        actions={newTeam}
      />
      <PagedTable
        label="Teams"
        query={teams}
        rowsOf={(page) => page.teams}
        columns={COLUMNS}
        list={list}
        empty={
          <Notice icon={UsersRound} title="No teams yet" actions={newTeam}>
            <p>A team has members, keys, budgets and limits of its own, and leads who look after them.</p>
          </Notice>
        }
      />
      <TeamDialog
        open={parameters.get("new") === "team"}
        onOpenChange={open}
        onSaved={(team) => router.push(teamHref(team.id))}
      />
    </>
  );
}
