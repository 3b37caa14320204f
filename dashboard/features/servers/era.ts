/** The first version of MCP in which every request stands alone. */
const FIRST_MODERN = "2026-07-28";

export type Era = "modern" | "legacy";

/** Versions are dates, so that they can be compared as texts. Null: the server was never reached. */
export function eraOf(version: string | null): Era | null {
  if (version === null) return null;
  return version >= FIRST_MODERN ? "modern" : "legacy";
}

export const ERAS: Record<Era, { name: string; says: string }> = {
  modern: { name: "Modern", says: "Every request stands alone." },
  legacy: { name: "Legacy", says: "Requests belong to a session, which the gateway keeps." },
};
