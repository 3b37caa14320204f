"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { Failed } from "@/components/states/states";
import { Badge } from "@/components/ui/badge";
import { Skeleton } from "@/components/ui/skeleton";
import { ApiError } from "@/lib/api/problem";
import { useMay } from "@/lib/session/session";
import { serverQuery, type Server } from "@/features/servers/api";
import { ServerHealth } from "@/features/servers/health";
import { ServerActions } from "./server-actions";
import { ServerTabs } from "./server-tabs";

/** `/server?id=`: a server by its name or id. */
export function ServerPage() {
  const id = useSearchParams().get("id") ?? "";
  const mayRead = useMay("servers:read");
  const server = useQuery({ ...serverQuery(id), enabled: mayRead && id !== "" });
  const error = id === "" ? new ApiError(404, "not_found", "No server is named.", null) : server.error;
  return (
    <Page
      title={server.data?.name ?? "Server"}
      permission="servers:read"
      description={server.data && <Under server={server.data} />}
      actions={
        <>
          <BackLink href="/servers">All servers</BackLink>
          {server.data && <ServerActions server={server.data} />}
        </>
      }
    >
      {server.data ? (
        <ServerTabs key={server.data.id} server={server.data} />
      ) : error ? (
        <Failed what="This server" error={error} onRetry={() => void server.refetch()} />
      ) : (
        <div role="status" aria-label="Loading" className="flex flex-col gap-5">
          <Skeleton className="h-9" />
          <Skeleton className="h-72" />
        </div>
      )}
    </Page>
  );
}

function Under({ server }: { server: Server }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <ServerHealth server={server} />
      {server.display_name && <span>{server.display_name}</span>}
      <span className="font-mono text-xs break-all text-ink-3">{server.url}</span>
      {server.managed_by === "env" && <Badge>From the environment</Badge>}
      {server.tags.map((tag) => (
        <Link
          key={tag}
          href={`/servers?tag=${encodeURIComponent(tag)}`}
          className="rounded border px-1.5 text-xs hover:bg-sunken"
        >
          {tag}
        </Link>
      ))}
    </span>
  );
}
