import type { Rule, RuleForm } from "./api";
import { listOf } from "@/lib/form/lines";

/** A rule as it is written in the form: numbers are texts until they are sent. */
export interface RuleDraft {
  name: string;
  description: string;
  metric: Rule["metric"];
  condition: Rule["condition"];
  threshold: string;
  window_minutes: string;
  for_minutes: string;
  severity: Rule["severity"];
  renotify_minutes: string;
  mcp_servers: string[];
  tool_names: string;
  team_ids: string[];
  api_key_ids: string[];
  environments: string[];
  channel_ids: string[];
  enabled: boolean;
}

export const NEW_DRAFT: RuleDraft = {
  name: "",
  description: "",
  metric: "error_rate",
  condition: "gt",
  threshold: "0.05",
  window_minutes: "5",
  for_minutes: "0",
  severity: "warning",
  renotify_minutes: "",
  mcp_servers: [],
  tool_names: "",
  team_ids: [],
  api_key_ids: [],
  environments: [],
  channel_ids: [],
  enabled: true,
};

export function draftOf(rule: Rule): RuleDraft {
  const { filters } = rule;
  return {
    name: rule.name,
    description: rule.description,
    metric: rule.metric,
    condition: rule.condition,
    severity: rule.severity,
    channel_ids: rule.channel_ids,
    enabled: rule.enabled,
    threshold: String(rule.threshold),
    window_minutes: String(rule.window_minutes),
    for_minutes: String(rule.for_minutes),
    renotify_minutes: rule.renotify_minutes === null ? "" : String(rule.renotify_minutes),
    mcp_servers: filters.mcp_servers ?? [],
    tool_names: (filters.tool_names ?? []).join("\n"),
    team_ids: filters.team_ids ?? [],
    api_key_ids: filters.api_key_ids ?? [],
    environments: filters.environments ?? [],
  };
}

/** What is sent. What is no number goes as one that the API refuses by its name. */
export function formOf(draft: RuleDraft): RuleForm {
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    metric: draft.metric,
    condition: draft.condition,
    threshold: numberOf(draft.threshold),
    window_minutes: numberOf(draft.window_minutes),
    for_minutes: numberOf(draft.for_minutes),
    severity: draft.severity,
    renotify_minutes: draft.renotify_minutes.trim() === "" ? null : numberOf(draft.renotify_minutes),
    filters: {
      mcp_servers: draft.mcp_servers,
      tool_names: listOf(draft.tool_names),
      team_ids: draft.team_ids,
      api_key_ids: draft.api_key_ids,
      environments: draft.environments as NonNullable<RuleForm["filters"]>["environments"],
    },
    channel_ids: draft.channel_ids,
    enabled: draft.enabled,
  };
}

/** What can be tried: a rule that has its numbers. */
export function previewable(draft: RuleDraft): RuleForm | null {
  const form = formOf(draft);
  const numbers = [form.threshold, form.window_minutes ?? 0, form.for_minutes ?? 0];
  // NaN would be sent as null.
  return numbers.every(Number.isFinite) ? { ...form, name: "", description: "", channel_ids: [] } : null;
}

function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}
