import type { PermissionFilters } from "./api";

const PAGE = "/tool-permission";

export function permissionHref({ id }: { id: string }): string {
  return `${PAGE}?id=${id}`;
}

/** A new one; with what it is about to begin with. */
export function newPermissionHref(about?: { mcp_server: string; tool_name: string }): string {
  return about ? `${PAGE}?${new URLSearchParams(about).toString()}` : PAGE;
}

export function permissionsHref(filters: PermissionFilters = {}): string {
  return `/tools?${new URLSearchParams({ tab: "permissions", ...filters }).toString()}`;
}

interface Patterns {
  mcp_server: string;
  tool_name: string;
}

/**
 * The list with exactly the permissions that have these patterns. All of them fit one tool: then whatever of theirs is
 * put together fits it as well.
 */
export function permissionsAboutHref(patterns: readonly Patterns[]): string {
  const servers = anyOf(patterns.map((one) => one.mcp_server));
  const tools = anyOf(patterns.map((one) => one.tool_name));
  return permissionsHref({
    ...(servers !== null && { server_pattern: servers }),
    ...(tools !== null && { tool_pattern: tools }),
  });
}

/** A comma parts values: what holds one cannot be asked for, and more is shown instead. */
function anyOf(values: readonly string[]): string | null {
  const distinct = [...new Set(values)];
  if (distinct.length === 0 || distinct.some((value) => value.includes(","))) return null;
  return distinct.join(",");
}
