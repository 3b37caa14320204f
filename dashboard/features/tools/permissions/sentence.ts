// What a permission means, in words.
import { count } from "@/lib/number";
import { dateAndTime } from "@/lib/time/time";
import type { ArgumentRule, PermissionForm, Subject } from "./api";

export type Terms = Omit<PermissionForm, "subject_id">;

/** “Members and keys of Payments may call github__delete_* when repo is “docs”, together 20 times a day.” */
export function sentenceOf(terms: Terms, name: string | undefined, zone?: string): string {
  const may = terms.effect === "deny" ? "may not call" : "may call";
  const parts = [
    `${whoInWords(terms.subject_type, name)} ${may} ${toolsInWords(terms)}${whenInWords(terms.argument_rules)}`,
    usesInWords(terms),
    untilInWords(terms.expires_at, zone),
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}

const USED_UP =
  "Once they are used up, calls are refused until midnight UTC, unless another permission allows more.";

/** What follows from it beside that. */
export function consequencesOf(terms: Terms): string[] {
  const { argument_rules: rules, max_uses_per_day: uses } = terms;
  if (terms.effect === "deny") {
    const unclear = "Calls whose arguments leave it open whether they fit are refused as well.";
    return ["It wins over every permission that allows.", ...(rules.length > 0 ? [unclear] : [])];
  }
  return [
    "No approval is needed then, however the tool is classified. It opens nothing that another permission denies, that a key does not cover, that is blocked or that waits for a review.",
    ...(rules.length > 0 ? ["With other arguments it is as if there were no permission."] : []),
    ...(uses === null ? [] : [USED_UP]),
  ];
}

export function toolsInWords({
  mcp_server: server,
  tool_name: tool,
}: Pick<Terms, "mcp_server" | "tool_name">) {
  if (tool === "*") return server === "*" ? "any tool of any server" : `any tool of ${server || "…"}`;
  return server === "*" ? `${tool || "…"} of any server` : `${server || "…"}__${tool || "…"}`;
}

function whoInWords(type: Subject, name: string | undefined): string {
  if (type === "user") return name ?? "The person";
  if (type === "team") return `Members and keys of ${name ?? "the team"}`;
  return name === undefined ? "The API key" : `The API key ${name}`;
}

/** A day's uses are counted for the permission, not for each member of a team. */
function usesInWords({ subject_type, max_uses_per_day: uses }: Terms): string | null {
  if (uses === null) return null;
  const times = uses === 1 ? "once a day" : `${count(uses)} times a day`;
  return subject_type === "team" ? `together ${times}` : times;
}

/** Nothing for what is no time yet. */
function untilInWords(at: string | null, zone: string | undefined): string | null {
  return at !== null && Number.isFinite(Date.parse(at)) ? `until ${dateAndTime(at, zone)}` : null;
}

function whenInWords(rules: readonly ArgumentRule[]): string {
  return rules.length === 0 ? "" : ` when ${listed(rules.map(ruleInWords), "and")}`;
}

/** “path begins with “/work/” or “/tmp/””. */
export function ruleInWords({ pointer, op, values }: ArgumentRule): string {
  const argument = pointer.slice(1).split("/").map(unescaped).join(".") || "…";
  const said = values.map(valueInWords);
  if (op === "prefix") return `${argument} begins with ${listed(said, "or")}`;
  if (op === "glob") return `${argument} fits ${listed(said, "or")}`;
  if (op === "not_in") return `${argument} is ${said.length > 1 ? "neither " : "not "}${listed(said, "nor")}`;
  return `${argument} is ${listed(said, "or")}`;
}

function unescaped(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

function valueInWords(value: unknown): string {
  if (value === undefined) return "…";
  return typeof value === "string" ? `“${value}”` : JSON.stringify(value);
}

const MOST_LISTED = 5;

function listed(parts: readonly string[], word: string): string {
  if (parts.length > MOST_LISTED) {
    const shown = parts.slice(0, MOST_LISTED - 1);
    return `${shown.join(", ")} ${word} ${parts.length - shown.length} others`;
  }
  const last = parts.at(-1) ?? "…";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} ${word} ${last}`;
}
