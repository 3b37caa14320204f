import { fits } from "@/lib/glob";

/** Everything that a webhook can be told of. */
export const EVENTS = [
  "alert.firing",
  "alert.acknowledged",
  "alert.resolved",
  "approval.requested",
  "approval.approved",
  "approval.denied",
  "approval.expired",
  "budget.threshold_reached",
  "budget.exceeded",
  "safety.detected",
  "tool.new",
  "tool.changed",
  "server.unhealthy",
  "server.recovered",
  "api_key.created",
  "api_key.rotated",
  "api_key.revoked",
  "api_key.expiring",
  "user.invited",
  "user.joined",
  "user.suspended",
  "audit.recorded",
  "webhook.test",
] as const;

/** Which events a list of globs names. */
export function coveredBy(globs: readonly string[]): string[] {
  return EVENTS.filter((event) => globs.some((glob) => fits(glob, event)));
}

/** Globs that name nothing that happens. */
export function idleGlobs(globs: readonly string[]): string[] {
  return globs.filter((glob) => !EVENTS.some((event) => fits(glob, event)));
}

/** “alert.*” and so on, in the order of the events. */
export const FAMILIES: readonly string[] = [...new Set(EVENTS.map((event) => `${event.split(".", 1)[0]}.*`))];
