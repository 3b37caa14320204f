import type { Policy } from "@/features/safety/api";

/** Which calls a policy looks at, in a line: “All tools of all servers”, “github, jira: delete_*”. */
export function scopeOf({ mcp_servers, tools }: Pick<Policy, "mcp_servers" | "tools">): string {
  const servers = isAll(mcp_servers) ? null : mcp_servers.join(", ");
  const named = isAll(tools) ? null : tools.join(", ");
  if (!servers && !named) return "All tools of all servers";
  if (!named) return `All tools of ${servers}`;
  return `${named} on ${servers ?? "all servers"}`;
}

function isAll(globs: readonly string[]): boolean {
  return globs.includes("*");
}
