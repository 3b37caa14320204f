"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { SelectField } from "@/components/form/select-field";
import { actionInWords, TOOL_LEVELS, ToolLevel } from "@/components/tool-badges";
import { Card } from "@/components/ui/card";
import { toast, toastProblem } from "@/components/ui/toast";
import { fits } from "@/lib/glob";
import { useMay } from "@/lib/session/session";
import { classificationsQuery, classify, type Level, type Tool } from "@/features/tools/api";

/** How dangerous the tool is, who says so, and what follows from it. */
export function ClassificationCard({ tool }: { tool: Tool }) {
  const mayRead = useMay("policies:read");
  const rules = useQuery({ ...classificationsQuery, enabled: mayRead });
  const matching = rules.data?.filter(
    (rule) => fits(rule.mcp_server, tool.mcp_server) && fits(rule.tool_name, tool.name ?? ""),
  );
  return (
    <Card title="Classification">
      <div className="flex flex-col gap-3 text-sm">
        <p className="flex flex-wrap items-center gap-2">
          <ToolLevel level={tool.classification} />
          {actionInWords(tool.action)}
        </p>
        {matching && matching.length === 0 && (
          <p className="text-ink-2">By its name and annotations: no rule is about it.</p>
        )}
        {matching && matching.length > 0 && (
          <ul aria-label="Rules about it" className="flex flex-col gap-1">
            {matching.map((rule) => (
              <li key={rule.id} className="flex flex-wrap items-center gap-x-2">
                <code className="font-mono text-xs break-all">
                  {rule.mcp_server} / {rule.tool_name}
                </code>
                <span className="text-ink-2">{rule.classification}</span>
                {rule.requires_approval !== null && (
                  <span className="text-ink-3">
                    {rule.requires_approval ? "with approval" : "without approval"}
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
        {rules.error && <p className="text-bad">The rules about it could not be loaded.</p>}
        {rules.data && <Choice tool={tool} rules={rules.data} />}
      </div>
    </Card>
  );
}

const NAMES: Record<string, string> = { safe: "Safe", sensitive: "Sensitive", dangerous: "Dangerous" };

/** A rule about this very tool, which wins over those with patterns. */
function Choice({ tool, rules }: { tool: Tool; rules: Parameters<typeof classify>[1][] }) {
  const client = useQueryClient();
  const exact = rules.find((rule) => rule?.mcp_server === tool.mcp_server && rule.tool_name === tool.name);
  const choose = useMutation({
    mutationFn: (level: Level | null) => classify(tool, exact, level),
    onSuccess: () => toast(`${tool.name} is classified anew.`),
    onError: toastProblem,
    onSettled: () => client.invalidateQueries({ queryKey: ["tools"] }),
  });
  if (!useMay("policies:admin")) return null;
  return (
    <SelectField
      label="For this tool alone"
      hint="Wins over rules with patterns"
      disabled={choose.isPending || exact?.managed_by === "env"}
      options={[
        { value: "", name: "As other rules say" },
        ...TOOL_LEVELS.map((value) => ({ value, name: NAMES[value] ?? value })),
      ]}
      value={exact?.classification ?? ""}
      onChange={(level) => choose.mutate(level === "" ? null : (level as Level))}
    />
  );
}
