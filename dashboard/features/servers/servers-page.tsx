"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { VisibilityState } from "@tanstack/react-table";
import { Plus, Server as ServerIcon } from "lucide-react";
import { useCallback } from "react";
import { Can } from "@/components/can";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState, type ListState } from "@/components/data-table/use-list-state";
import { Link } from "@/components/link";
import { Page } from "@/components/layout/page";
import { Notice } from "@/components/states/notice";
import { buttonClass } from "@/components/ui/button";
import { useMay } from "@/lib/session/session";
import { callsQuery, DEFAULT_SORT, FILTERS, serversQuery, type Filter, type Server } from "./api";
import { SERVERS_COLUMNS, type Row } from "./servers-columns";
import { ServersFilters } from "./servers-filters";

export function ServersPage() {
  const list = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("servers");
  return (
    <Page
      fill
      title="Servers"
      permission="servers:read"
      description="MCP servers that are called through the gateway"
      actions={
        <>
          <ColumnMenu columns={SERVERS_COLUMNS} visibility={visibility} onChange={setVisible} />
          <Register />
        </>
      }
    >
      <ServersFilters list={list} />
      <Servers list={list} visibility={visibility} />
    </Page>
  );
}

interface Props {
  list: ListState<Filter>;
  visibility: VisibilityState;
}

// Beneath the page, which asks for nothing where it may not.
function Servers({ list, visibility }: Props) {
  const servers = useInfiniteQuery(serversQuery(list.filters, list.sort));
  const mayCalls = useMay("traces:read");
  const calls = useQuery({ ...callsQuery, enabled: mayCalls });
  // Else each drawing would make every row anew.
  const rowsOf = useCallback(
    ({ mcp_servers }: { mcp_servers: readonly Server[] }) =>
      mcp_servers.map((server): Row => ({ ...server, calls: calls.data?.get(server.name) })),
    [calls.data],
  );
  return (
    <PagedTable
      label="Servers"
      query={servers}
      rowsOf={rowsOf}
      columns={SERVERS_COLUMNS}
      visibility={visibility}
      list={list}
      empty={<NoServers />}
    />
  );
}

function NoServers() {
  return (
    <Notice icon={ServerIcon} title="No servers yet" actions={<Register />}>
      <p>
        Register an MCP server by its address. The gateway reads its tools, and clients can call them through{" "}
        <code className="font-mono text-xs">/mcp/&lt;name&gt;</code>.
      </p>
    </Notice>
  );
}

function Register() {
  return (
    <Can permission="servers:admin">
      <Link href="/new-server" className={buttonClass({ look: "primary" })}>
        <Plus aria-hidden />
        Register a server
      </Link>
    </Can>
  );
}
