"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Plus, Server as ServerIcon } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { Can } from "@/components/can";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState, type ListState } from "@/components/data-table/use-list-state";
import { Link } from "@/components/link";
import { Page } from "@/components/layout/page";
import { Notice } from "@/components/states/notice";
import { Button, buttonClass } from "@/components/ui/button";
import { useMay } from "@/lib/session/session";
import { callsQuery, DEFAULT_SORT, FILTERS, serversQuery, type Filter } from "./api";
import { serverHref } from "./server-href";
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
      <ServersFilters {...list} />
      <Servers {...list} visibility={visibility} />
    </Page>
  );
}

type Props = ListState<Filter> & { visibility: Record<string, boolean> };

// Beneath the page, which asks for nothing where it may not.
function Servers({ filters, sort, setSort, clear, visibility }: Props) {
  const router = useRouter();
  const servers = useInfiniteQuery(serversQuery(filters, sort));
  const mayCalls = useMay("traces:read");
  const calls = useQuery({ ...callsQuery, enabled: mayCalls });
  const rows = useMemo(
    () =>
      servers.data?.pages.flatMap((page) =>
        page.mcp_servers.map((server): Row => ({ ...server, calls: calls.data?.get(server.name) })),
      ),
    [servers.data, calls.data],
  );
  return (
    <PagedTable
      label="Servers"
      query={servers}
      rows={rows}
      total={servers.data?.pages[0]?.total}
      columns={SERVERS_COLUMNS}
      visibility={visibility}
      rowId={(server) => server.id}
      onOpen={(server) => router.push(serverHref(server.name))}
      sort={sort}
      onSort={setSort}
      empty={<NoServers filtered={Object.keys(filters).length > 0} onClear={clear} />}
    />
  );
}

function NoServers({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <Notice
        icon={ServerIcon}
        title="No server is like that"
        actions={<Button onClick={onClear}>Clear all filters</Button>}
      />
    );
  }
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
