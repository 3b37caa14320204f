import type { Values } from "@/features/settings/form/values";
import type { RateLimit } from "./api";

export const NEW_LIMIT: Values = {
  name: "",
  kind: "rate",
  scope_type: "server",
  scope_value: null,
  environment: null,
  metric: "requests",
  limit: null,
  window_seconds: 60,
  period: "day",
  enabled: true,
};

const FIELDS = Object.keys(NEW_LIMIT) as (keyof RateLimit)[];

/** What can be changed; what only the other kind has is at its default, in case it becomes that. */
export function limitValues(limit: RateLimit): Values {
  const values: Values = Object.fromEntries(FIELDS.map((field) => [field, limit[field]]));
  return { ...values, window_seconds: limit.window_seconds ?? 60, period: limit.period ?? "day" };
}

/** The changes as the API takes them: a window is of a rate, a period of a quota, and the other is none. */
export function fitting(saved: Values, changes: Values): Values {
  const after = { ...saved, ...changes };
  const touches =
    ["kind", "window_seconds", "period"].some((field) => field in changes) || saved === NEW_LIMIT;
  const organization = after.scope_type === "organization" && "scope_type" in changes;
  return {
    ...changes,
    ...(organization && { scope_value: null }),
    ...(touches &&
      (after.kind === "quota"
        ? { window_seconds: null, period: after.period }
        : { window_seconds: after.window_seconds, period: null })),
  };
}
