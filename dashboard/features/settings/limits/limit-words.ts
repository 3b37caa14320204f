import { lengthOf } from "@/lib/time/length";
import { inSentence } from "@/lib/in-words";
import { count } from "@/lib/number";
import type { RateLimit } from "./api";

export const SCOPES = [
  { value: "organization", name: "Organization", says: "All calls together." },
  { value: "team", name: "Team", says: "Its id." },
  { value: "user", name: "User", says: "Their id." },
  { value: "api_key", name: "API key", says: "Its id." },
  { value: "server", name: "Server", says: "Its name." },
  { value: "tool", name: "Tool", says: "The server's name, __ and the tool's name: github__create_issue." },
  { value: "ip", name: "Address", says: "An address, or a network such as 10.0.0.0/8." },
];

const METRICS: Record<string, string> = {
  requests: "requests",
  input_tokens: "input tokens",
  output_tokens: "output tokens",
};

export const METRIC_CHOICES = Object.entries(METRICS).map(([value, name]) => ({
  value,
  name: name.charAt(0).toUpperCase() + name.slice(1),
}));

export function scopeName(scope: string): string {
  return SCOPES.find(({ value }) => value === scope)?.name ?? scope;
}

type Said = Pick<RateLimit, "kind" | "metric" | "limit" | "window_seconds" | "period">;

/** “1,000 requests in 1 minute”, “50,000 input tokens a day”. */
export function limitInWords({ kind, metric, limit, window_seconds, period }: Said): string {
  const amount = `${count(limit)} ${METRICS[metric] ?? metric}`;
  return kind === "quota"
    ? `${amount} a ${period ?? "day"}`
    : `${amount} in ${lengthOf(window_seconds ?? 60)}`;
}

/** Whose calls are counted. */
export function coverage({ scope_type, scope_value }: Pick<RateLimit, "scope_type" | "scope_value">): string {
  if (scope_type === "organization") return "All calls together";
  return scope_value ?? `Each ${inSentence(scopeName(scope_type))} on its own`;
}
