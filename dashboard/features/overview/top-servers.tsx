"use client";

import { useQuery } from "@tanstack/react-query";
import { Server } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { PlainTable } from "@/components/data-table/plain-table";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { Money } from "@/components/ui/money";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import { percent, shortCount } from "@/lib/number";
import { carryRange, type TimeRange } from "@/lib/time-range/time-range";
import { duration } from "@/lib/time/time";
import { topServersQuery, type TopServer } from "./api";

const NOTABLE_ERROR_RATE = 0.1;

const NUMBER = "w-18 text-right tabular-nums";
const WIDE = `${NUMBER} max-sm:hidden`;

export function TopServers({ range }: { range: TimeRange }) {
  const top = useQuery(topServersQuery(range));
  return (
    <Card flush title="Busiest servers" description="By requests">
      {top.data ? (
        <Table servers={top.data.servers} />
      ) : top.error ? (
        <Failed small what="The servers" error={top.error} onRetry={() => void top.refetch()} />
      ) : (
        <Skeleton className="m-4 h-48" />
      )}
    </Card>
  );
}

function Table({ servers }: { servers: readonly TopServer[] }) {
  if (servers.length === 0) {
    return <Notice small icon={Server} title="No server was called" />;
  }
  const withCost = servers.some((server) => server.cost !== null);
  return (
    <PlainTable
      label="Busiest servers"
      columns={[
        { name: "Server" },
        { name: "Requests", className: NUMBER },
        { name: "Errors", className: NUMBER },
        { name: "p95", className: WIDE },
        ...(withCost ? [{ name: "Cost", className: "w-22 text-right max-sm:hidden" }] : []),
      ]}
    >
      {servers.map((server) => (
        <Row key={server.mcp_server} server={server} withCost={withCost} />
      ))}
    </PlainTable>
  );
}

function Row({ server, withCost }: { server: TopServer; withCost: boolean }) {
  const range = carryRange("/traces", useSearchParams());
  const href = `${range}${range.includes("?") ? "&" : "?"}mcp_server=${encodeURIComponent(server.mcp_server)}`;
  return (
    <tr className="hover:bg-sunken/60">
      <th scope="row">
        <Link href={href} className="block truncate font-medium hover:underline">
          {server.mcp_server}
        </Link>
        <span aria-hidden className="mt-1 block h-1 overflow-hidden rounded-full bg-sunken">
          <span
            className="block h-full rounded-full bg-series-1"
            style={{ width: `${server.share * 100}%` }}
          />
        </span>
      </th>
      <td className={NUMBER}>{shortCount(server.requests)}</td>
      <td className={cn(NUMBER, server.error_rate > NOTABLE_ERROR_RATE && "font-medium text-bad")}>
        {percent(server.error_rate)}
      </td>
      <td className={WIDE}>{server.p95_ms === null ? "–" : duration(server.p95_ms)}</td>
      {withCost && (
        <td className={WIDE}>
          <Money amount={server.cost} />
        </td>
      )}
    </tr>
  );
}
