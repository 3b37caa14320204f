// Grants as somebody ticks them: exact ones, own rows only, a whole category, everything (contract 1.6).
import { implies } from "./permission";

export type Extent = "all" | "own" | "none";

export interface Held {
  extent: Extent;
  /** The wider grant that brings it; null where it is granted as such, or not at all. */
  through: string | null;
}

const own = (permission: string) => `${permission}:own`;

/** How far a list of grants holds a permission, and through which of them. */
export function heldOf(grants: readonly string[], permission: string): Held {
  if (grants.includes(permission)) return { extent: "all", through: null };
  const wider = grants.find((grant) => implies(grant, permission));
  if (wider) return { extent: "all", through: wider };
  return { extent: grants.includes(own(permission)) ? "own" : "none", through: null };
}

/** The grants after a permission was set to an extent. */
export function withExtent(grants: readonly string[], permission: string, extent: Extent): string[] {
  const others = grants.filter((grant) => grant !== permission && grant !== own(permission));
  if (extent === "none") return others;
  return [...others, extent === "own" ? own(permission) : permission];
}

/** The grants after a wide one (`*`, `traces:*`) was ticked or not. What it brings need not be said beside it. */
export function withWide(grants: readonly string[], wide: string, on: boolean): string[] {
  if (!on) return grants.filter((grant) => grant !== wide);
  const kept = grants.filter((grant) => grant !== wide && !implies(wide, grant.replace(/:own$/, "")));
  return [...kept, wide];
}

/** Nobody gives what they do not hold: whether a grant is to be offered to a holder of `held`. */
export function mayGrant(held: readonly string[], grant: string): boolean {
  return held.some((one) => implies(one, grant));
}

/** “traces” and “api keys” for people: a category's name. */
export function categoryName(category: string): string {
  return NAMES[category] ?? category.charAt(0).toUpperCase() + category.slice(1);
}

const NAMES: Record<string, string> = {
  mcp: "MCP",
  keys: "API keys",
  rbac: "Roles",
  sso: "Single sign-on",
  servers: "MCP servers",
};
