"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Wrench } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState, type ListState } from "@/components/data-table/use-list-state";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Badge } from "@/components/ui/badge";
import { Button, buttonClass } from "@/components/ui/button";
import { count } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { useUrl } from "@/lib/url/use-url";
import { DEFAULT_SORT, FILTERS, toolsQuery, waitingQuery, type Filter } from "./api";
import { ReviewQueue } from "./review/review-queue";
import { toolHref } from "./tool-href";
import { TOOLS_COLUMNS } from "./tools-columns";
import { ServerFilter, ToolsFilters } from "./tools-filters";

/** `/tools`: the catalogue of all servers; with `view=review` what has drifted in it. */
export function ToolsPage() {
  const list = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("tools");
  const { parameters, change } = useUrl();
  const review = parameters.get("view") === "review";
  return (
    <Page
      fill={!review}
      title={review ? "Tools to review" : "Tools"}
      permission="servers:read"
      description={
        review
          ? "Definitions that are new, changed or gone since somebody looked at them"
          : "What the servers offer, as they last showed it"
      }
      actions={
        <>
          <ReviewSwitch review={review} onChange={(on) => change({ view: on ? "review" : null }, "push")} />
          {!review && <ColumnMenu columns={TOOLS_COLUMNS} visibility={visibility} onChange={setVisible} />}
        </>
      }
    >
      {review ? (
        <>
          <div>
            <ServerFilter
              chosen={list.filters.mcp_server}
              onChange={(mcp_server) => list.setFilters({ mcp_server })}
            />
          </div>
          <ReviewQueue server={list.filters.mcp_server} />
        </>
      ) : (
        <>
          <ToolsFilters {...list} />
          <Catalogue {...list} visibility={visibility} />
        </>
      )}
    </Page>
  );
}

function ReviewSwitch({ review, onChange }: { review: boolean; onChange: (on: boolean) => void }) {
  const mayRead = useMay("servers:read");
  const waiting = useQuery({ ...waitingQuery, enabled: mayRead });
  return (
    <Button aria-pressed={review} look={review ? "primary" : "secondary"} onClick={() => onChange(!review)}>
      To review
      {waiting.data !== undefined && waiting.data > 0 && <Badge tone="warn">{count(waiting.data)}</Badge>}
    </Button>
  );
}

type Props = ListState<Filter> & { visibility: Record<string, boolean> };

function Catalogue({ filters, sort, setSort, clear, visibility }: Props) {
  const router = useRouter();
  const tools = useInfiniteQuery(toolsQuery(filters, sort));
  const rows = useMemo(() => tools.data?.pages.flatMap((page) => page.tools), [tools.data]);
  return (
    <PagedTable
      label="Tools"
      query={tools}
      rows={rows}
      total={tools.data?.pages[0]?.total}
      columns={TOOLS_COLUMNS}
      visibility={visibility}
      rowId={(tool) => tool.id}
      onOpen={(tool) => router.push(toolHref(tool))}
      sort={sort}
      onSort={setSort}
      empty={<NoTools filtered={Object.keys(filters).length > 0} onClear={clear} />}
    />
  );
}

function NoTools({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <Notice
        icon={Wrench}
        title="No tool is like that"
        actions={<Button onClick={onClear}>Clear all filters</Button>}
      />
    );
  }
  return (
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
  );
}
