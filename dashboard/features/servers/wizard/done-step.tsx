"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { Link } from "@/components/link";
import { buttonClass } from "@/components/ui/button";
import { pathIfBuilt } from "@/config/routes";
import { plural } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { serverQuery, type Server } from "@/features/servers/api";
import { serverHref } from "@/features/servers/server-href";

/** What to do next, by what there is to do. */
export function DoneStep({ server: made }: { server: Server }) {
  const { data: server = made } = useQuery(serverQuery(made.name));
  const mayCall = useMay("mcp:call");
  const mayKey = useMay("keys:create");
  const name = encodeURIComponent(server.name);
  const keys = mayKey ? (pathIfBuilt("/keys") ?? pathIfBuilt("/api-keys")) : null;
  return (
    <div className="flex flex-col gap-4">
      <p className="flex items-start gap-2.5 text-sm">
        <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
        <span>
          Clients call <strong className="font-medium">{server.name}</strong> at{" "}
          <code className="font-mono text-xs">/mcp/{server.name}</code> of the gateway, with a key that covers
          it.
        </span>
      </p>
      {server.pending_review_count > 0 && (
        <p className="text-sm text-ink-2">
          {plural(server.pending_review_count, "tool waits", "tools wait")} for a review. Until then they are
          usable only as the organization&apos;s tool policy says.
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-2 pt-1">
        {keys && (
          <Link href={keys} className={buttonClass()}>
            Make an API key
          </Link>
        )}
        {mayCall && (
          <Link href={`/playground?server=${name}`} className={buttonClass()}>
            Try a tool
          </Link>
        )}
        {server.pending_review_count > 0 && (
          <Link href={`/tools?tab=review&mcp_server=${name}`} className={buttonClass()}>
            Review its tools
          </Link>
        )}
        <Link href={serverHref(server.name)} className={buttonClass({ look: "primary" })}>
          Open the server
        </Link>
      </div>
    </div>
  );
}
