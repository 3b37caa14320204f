import type { Policy, PolicyForm } from "@/features/safety/api";
import { DETECTORS } from "@/features/safety/vocabulary";
import { changedOf } from "@/lib/form/changed";
import { listOf } from "@/lib/form/lines";

/** A policy as a form holds it: lists of texts are lines. */
export interface Draft {
  name: string;
  description: string;
  enabled: boolean;
  mode: string;
  sensitivity: string;
  min_severity: string;
  detectors: string[];
  directions: string[];
  mcp_servers: string;
  tools: string;
  block: string;
  allow: string;
}

/** As the API makes one of which nothing is said but its name. */
export const NEW_DRAFT: Draft = {
  name: "",
  description: "",
  enabled: true,
  mode: "block",
  sensitivity: "moderate",
  min_severity: "low",
  detectors: DETECTORS.map(({ value }) => value),
  directions: ["request", "response"],
  mcp_servers: "*",
  tools: "*",
  block: "",
  allow: "",
};

export function draftOf(policy: Policy): Draft {
  const { name, description, enabled, mode, sensitivity, min_severity, detectors, directions } = policy;
  return {
    ...{ name, description, enabled, mode, sensitivity, min_severity },
    detectors: [...detectors],
    directions: [...directions],
    mcp_servers: policy.mcp_servers.join("\n"),
    tools: policy.tools.join("\n"),
    block: (policy.patterns.block ?? []).join("\n"),
    allow: (policy.patterns.allow ?? []).join("\n"),
  };
}

export function formOf({ mcp_servers, tools, block, allow, ...rest }: Draft): PolicyForm {
  return {
    ...rest,
    name: rest.name.trim(),
    mcp_servers: listOf(mcp_servers),
    tools: listOf(tools),
    patterns: { block: patterns(block), allow: patterns(allow) },
  } as PolicyForm;
}

/** What is different, which is what a change is sent as. */
export function changesOf(before: Draft, after: Draft): Partial<PolicyForm> {
  return changedOf(formOf(before), formOf(after));
}

/** Spaces are part of a pattern. */
function patterns(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
