"use client";

import { useQuery } from "@tanstack/react-query";
import { Server } from "lucide-react";
import { useSearchParams } from "next/navigation";
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
    <table className="w-full table-fixed text-sm">
      <thead>
        <tr className="border-y bg-sunken/60 text-xs text-ink-3">
          <th scope="col" className="py-1.5 pl-4 text-left font-medium sm:pl-5">
            Server
          </th>
          <Head>Requests</Head>
          <Head>Errors</Head>
          <Head className="max-sm:hidden">p95</Head>
          {withCost && <Head className="max-sm:hidden">Cost</Head>}
          <th className="w-2 sm:w-3" aria-hidden />
        </tr>
      </thead>
      <tbody>
        {servers.map((server) => (
          <Row key={server.mcp_server} server={server} withCost={withCost} />
        ))}
      </tbody>
    </table>
  );
}

function Head({ className, children }: { className?: string; children: string }) {
  return (
    <th scope="col" className={cn("w-18 px-2 py-1.5 text-right font-medium", className)}>
      {children}
    </th>
  );
}

function Row({ server, withCost }: { server: TopServer; withCost: boolean }) {
  const range = carryRange("/traces", useSearchParams());
  const href = `${range}${range.includes("?") ? "&" : "?"}mcp_server=${encodeURIComponent(server.mcp_server)}`;
  const cell = "px-2 text-right tabular-nums";
  return (
    <tr className="border-b last:border-0 hover:bg-sunken/60">
      <th scope="row" className="py-2 pl-4 text-left font-normal sm:pl-5">
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
      <td className={cell}>{shortCount(server.requests)}</td>
      <td className={cn(cell, server.error_rate > NOTABLE_ERROR_RATE && "font-medium text-bad")}>
        {percent(server.error_rate)}
      </td>
      <td className={cn(cell, "max-sm:hidden")}>{server.p95_ms === null ? "–" : duration(server.p95_ms)}</td>
      {withCost && (
        <td className={cn(cell, "max-sm:hidden")}>
          <Money amount={server.cost} />
        </td>
      )}
      <td aria-hidden />
    </tr>
  );
}
