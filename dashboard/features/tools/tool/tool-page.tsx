"use client";

import { useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { Can } from "@/components/can";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { Failed } from "@/components/states/states";
import { ToolLevel, ToolStatus } from "@/components/tool-badges";
import { buttonClass } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { ApiError } from "@/lib/api/problem";
import { useMay } from "@/lib/session/session";
import { toolQuery, type Tool } from "@/features/tools/api";
import { ReviewButtons } from "@/features/tools/review/review-buttons";
import { ToolBody } from "./tool-body";

/** `/tool?id=`: one tool in full. */
export function ToolPage() {
  const id = useSearchParams().get("id") ?? "";
  const mayRead = useMay("servers:read");
  const tool = useQuery({ ...toolQuery(id), enabled: mayRead && id !== "" });
  const error = id === "" ? new ApiError(404, "not_found", "No tool is named.", null) : tool.error;
  return (
    <Page
      title={tool.data?.name ?? "Tool"}
      permission="servers:read"
      description={tool.data && <Under tool={tool.data} />}
      actions={
        <>
          <BackLink href="/tools">All tools</BackLink>
          {tool.data && <Try tool={tool.data} />}
          {tool.data && <ReviewButtons tool={tool.data} />}
        </>
      }
    >
      {tool.data ? (
        <ToolBody tool={tool.data} />
      ) : error ? (
        <Failed what="This tool" error={error} onRetry={() => void tool.refetch()} />
      ) : (
        <div role="status" aria-label="Loading" className="grid gap-5 xl:grid-cols-[1fr_26rem]">
          <Skeleton className="h-96" />
          <Skeleton className="h-72" />
        </div>
      )}
    </Page>
  );
}

function Try({ tool }: { tool: Tool }) {
  if (tool.status === "removed" || tool.status === "blocked") return null;
  const query = new URLSearchParams({ server: tool.mcp_server, tool: tool.name ?? "" });
  return (
    <Can permission="mcp:call">
      <Link href={`/playground?${query.toString()}`} className={buttonClass()}>
        <FlaskConical aria-hidden className="text-ink-3" />
        Try it
      </Link>
    </Can>
  );
}

function Under({ tool }: { tool: Tool }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <ToolStatus status={tool.status} />
      <ToolLevel level={tool.classification} />
      {tool.title && tool.title !== tool.name && <span>{tool.title}</span>}
      <span>
        on{" "}
        <Link
          href={`/server?id=${encodeURIComponent(tool.mcp_server)}`}
          className="text-accent hover:underline"
        >
          {tool.mcp_server}
        </Link>
      </span>
    </span>
  );
}
