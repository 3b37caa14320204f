import type { GroupMapping } from "./api";

/** `role:<id>` or `team:<id>`, empty as long as neither is chosen. */
export function grantOf({ role_id, team_id }: GroupMapping): string {
  if (role_id) return `role:${role_id}`;
  return team_id ? `team:${team_id}` : "";
}

export function withGrant(mapping: GroupMapping, grant: string): GroupMapping {
  const [kind, id = ""] = grant.split(":", 2);
  return {
    group: mapping.group,
    role_id: kind === "role" ? id : null,
    team_id: kind === "team" ? id : null,
  };
}
