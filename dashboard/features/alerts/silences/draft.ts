import { HOUR_MS } from "@/lib/time/units";
import { fromLocalInput, toLocalInput } from "@/lib/time-range/local-input";
import type { Silence, SilenceForm } from "./api";

/** A silence as it is written in the form; times as an input holds them. */
export interface SilenceDraft {
  rule_ids: string[];
  severities: string[];
  mcp_servers: string[];
  /** Empty: now. */
  starts_at: string;
  ends_at: string;
  reason: string;
}

const USUAL_MS = 2 * HOUR_MS;

export function newDraft(now: number, rule?: string): SilenceDraft {
  return {
    rule_ids: rule ? [rule] : [],
    severities: [],
    mcp_servers: [],
    starts_at: "",
    ends_at: toLocalInput(new Date(now + USUAL_MS).toISOString()),
    reason: "",
  };
}

export function draftOf(silence: Silence): SilenceDraft {
  return {
    ...silence,
    starts_at: toLocalInput(silence.starts_at),
    ends_at: toLocalInput(silence.ends_at),
  };
}

/** What is sent. A time that nobody has touched stays to the second, which an input does not hold. */
export function formOf(draft: SilenceDraft, silence?: Silence): SilenceForm {
  const instant = (text: string, before: string | undefined) =>
    before !== undefined && text === toLocalInput(before) ? before : (fromLocalInput(text) ?? text);
  return {
    rule_ids: draft.rule_ids,
    severities: draft.severities as SilenceForm["severities"],
    mcp_servers: draft.mcp_servers,
    // Emptied, it begins when it was to begin.
    starts_at: draft.starts_at ? instant(draft.starts_at, silence?.starts_at) : (silence?.starts_at ?? null),
    ends_at: instant(draft.ends_at, silence?.ends_at),
    reason: draft.reason.trim(),
  };
}

export type Standing = "active" | "planned" | "over";

export function standingOf(
  { starts_at, ends_at }: Pick<Silence, "starts_at" | "ends_at">,
  now: number,
): Standing {
  if (Date.parse(ends_at) <= now) return "over";
  return Date.parse(starts_at) > now ? "planned" : "active";
}
