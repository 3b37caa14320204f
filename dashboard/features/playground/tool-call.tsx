"use client";

import { Card } from "@/components/ui/card";
import { actionInWords, ToolLevel, ToolStatus } from "@/components/tool-badges";
import { Link } from "@/components/link";
import type { Tool } from "./api";
import { ArgumentsForm } from "./arguments-form";
import { AnswerCard } from "./answer/answer-card";
import { useMcpUrl } from "@/lib/session/mcp-url";
import { useCall } from "./use-call";

/** Arguments on one side, what came of them on the other. */
export function ToolCall({ tool }: { tool: Tool }) {
  const call = useCall();
  const url = useMcpUrl(tool.mcp_server);
  const name = tool.name ?? "";
  return (
    <div className="grid items-start gap-5 xl:grid-cols-2">
      <Card
        title={
          <Link href={`/tool?id=${tool.id}`} className="break-all hover:underline">
            {name}
          </Link>
        }
        actions={
          <span className="flex flex-wrap gap-1.5">
            <ToolLevel level={tool.classification} />
            <ToolStatus status={tool.status} />
          </span>
        }
      >
        {tool.description && (
          <p className="mb-2 line-clamp-6 max-w-prose text-sm break-words whitespace-pre-line text-ink-2">
            {tool.description}
          </p>
        )}
        {tool.action !== "allow" && <p className="mb-2 text-sm text-warn">{actionInWords(tool.action)}.</p>}
        <ArgumentsForm
          schema={tool.input_schema}
          running={call.running}
          onCancel={call.cancel}
          onCall={(json) =>
            call.start({ url, server: tool.mcp_server, tool: name, schema: tool.input_schema, json })
          }
        />
      </Card>
      <AnswerCard {...call} />
    </div>
  );
}
