"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Wrench } from "lucide-react";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState } from "@/components/data-table/use-list-state";
import { Page } from "@/components/layout/page";
import { useView, ViewTabs } from "@/components/layout/view-tabs";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Badge } from "@/components/ui/badge";
import { buttonClass } from "@/components/ui/button";
import { count } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { DEFAULT_SORT, FILTERS, toolsQuery, waitingQuery } from "./api";
import { Permissions } from "./permissions/permissions";
import { ReviewQueue } from "./review/review-queue";
import { TOOLS_COLUMNS } from "./tools-columns";
import { ServerFilter, ToolsFilters } from "./tools-filters";

const DESCRIPTIONS: Record<string, string> = {
  catalogue: "What the servers offer, as they last showed it",
  review: "Definitions that are new, changed or gone since somebody looked at them",
  permissions: "Who may or may not call which tools, beside what their classification says",
};
const KEPT = ["mcp_server"] as const;

/** `/tools`: the catalogue of all servers; by `tab` what has drifted in it, and who may call what. */
export function ToolsPage() {
  const mayPolicies = useMay("policies:read");
  const view = useView(["catalogue", "review", ...(mayPolicies ? ["permissions"] : [])]);
  return (
    <Page fill={view !== "review"} title="Tools" permission="servers:read" description={DESCRIPTIONS[view]}>
      <ViewTabs
        label="Tools"
        keeps={KEPT}
        views={[
          { id: "catalogue", name: "Catalogue", content: <Catalogue /> },
          { id: "review", name: <ToReview />, content: <Review /> },
          ...(mayPolicies ? [{ id: "permissions", name: "Permissions", content: <Permissions /> }] : []),
        ]}
      />
    </Page>
  );
}

function ToReview() {
  const waiting = useQuery(waitingQuery);
  return (
    <span className="inline-flex items-center gap-1.5">
      To review
      {waiting.data !== undefined && waiting.data > 0 && <Badge tone="warn">{count(waiting.data)}</Badge>}
    </span>
  );
}

function Catalogue() {
  const list = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("tools");
  const tools = useInfiniteQuery(toolsQuery(list.filters, list.sort));
  return (
    <>
      <ToolsFilters
        list={list}
        actions={<ColumnMenu columns={TOOLS_COLUMNS} visibility={visibility} onChange={setVisible} />}
      />
      <PagedTable
        label="Tools"
        query={tools}
        rowsOf={(page) => page.tools}
        columns={TOOLS_COLUMNS}
        visibility={visibility}
        list={list}
        empty={
          <Notice
            icon={Wrench}
            title="No tools yet"
            actions={
              <Link href="/servers" className={buttonClass()}>
                To the servers
              </Link>
            }
          >
            <p>Register an MCP server: the gateway reads what it offers.</p>
          </Notice>
        }
      />
    </>
  );
}

function Review() {
  const list = useListState(KEPT, DEFAULT_SORT);
  const { mcp_server } = list.filters;
  return (
    <>
      <FilterRow list={list}>
        <ServerFilter chosen={mcp_server} onChange={(chosen) => list.setFilters({ mcp_server: chosen })} />
      </FilterRow>
      <ReviewQueue server={mcp_server} />
    </>
  );
}
