"use client";

import { Link } from "@/components/link";
import { ToolLevel, ToolStatus } from "@/components/tool-badges";
import { RelativeTime } from "@/components/ui/time";
import type { Tool } from "@/features/tools/api";
import { DefinitionDiff } from "@/features/tools/diff/definition-diff";
import { Flags } from "@/features/tools/flags";
import { Revealed } from "@/components/revealed";
import { SchemaView } from "@/features/tools/schema/schema-view";
import { toolHref } from "@/features/tools/tool-href";
import { ReviewButtons } from "./review-buttons";

/** A definition that somebody has to look at: what is different, or all of it where nothing was approved before. */
export function ReviewCard({ tool }: { tool: Tool }) {
  const before = tool.approved_definition !== null;
  return (
    <article className="rounded-xl border bg-surface shadow-card" aria-labelledby={`review-${tool.id}`}>
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b px-4 py-3 sm:px-5">
        <h3 id={`review-${tool.id}`} className="min-w-0 text-base font-medium break-all">
          <Link href={toolHref(tool)} className="hover:underline">
            {tool.name}
          </Link>{" "}
          <span className="font-normal text-ink-2">on {tool.mcp_server}</span>
        </h3>
        <ToolStatus status={tool.status} />
        <ToolLevel level={tool.classification} />
        <span className="text-sm text-ink-3">
          {tool.status === "removed" ? "Last seen" : "Seen"}{" "}
          <RelativeTime at={tool.status === "new" ? tool.first_seen_at : tool.last_seen_at} />
        </span>
        <span className="ml-auto flex gap-2">
          <ReviewButtons tool={tool} />
        </span>
      </header>
      {tool.status !== "removed" && (
        <div className="flex flex-col gap-4 px-4 py-4 sm:px-5">
          <Flags flags={tool.flags} />
          {before ? <DefinitionDiff tool={tool} /> : <Whole tool={tool} />}
        </div>
      )}
    </article>
  );
}

function Whole({ tool }: { tool: Tool }) {
  return (
    <>
      <p className="max-w-prose text-sm break-words whitespace-pre-wrap">
        {tool.description ? <Revealed text={tool.description} /> : "Without a description."}
      </p>
      <SchemaView label="Input" schema={tool.input_schema} nothing="It takes no arguments." />
    </>
  );
}
