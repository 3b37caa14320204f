import { DAY_MS } from "@/lib/time/units";

export const STATUS_OPTIONS = [
  { value: "active", name: "Active" },
  { value: "rotating", name: "Rotating" },
  { value: "expired", name: "Expired" },
  { value: "revoked", name: "Revoked" },
];

/** Globs in a few words: “all”, “github”, “3 patterns”. */
export function scopeInWords(globs: readonly string[]): string {
  if (globs.length === 0) return "none";
  if (globs.length > 1) return `${globs.length} patterns`;
  return globs[0] === "*" ? "all" : String(globs[0]);
}

/** Whether an expiry is so near that somebody should do something about it. */
export function expiresSoon(expiresAt: string | null, now: number): boolean {
  if (expiresAt === null) return false;
  const left = Date.parse(expiresAt) - now;
  return left > 0 && left < 14 * DAY_MS;
}
