import type { Schemas } from "@/lib/api/client";
import { shortId } from "@/lib/short-id";

type CostShare = Schemas["CostShare"];

/** One group's part of the costs, whatever it is a group by. */
export interface Share extends CostShare {
  id: string;
  /** Null: calls without one. */
  name: string | null;
  /** Beside the name: the server of a tool. */
  of: string | null;
  /** The filters that leave just this group; null where there is nothing to filter by. */
  narrows: Partial<Record<"mcp_server" | "tool_name" | "team_id" | "user_id" | "api_key_id", string>> | null;
}

/** A name, or what is left of a thing that is gone: its id. */
function called(name: string | null, id: string | null): string | null {
  return name ?? (id ? shortId(id) : null);
}

const NOBODY = "none";

export const shareOf = {
  server: (row: Schemas["CostOfServer"]): Share => ({
    ...row,
    id: row.mcp_server ?? NOBODY,
    name: row.mcp_server,
    of: null,
    narrows: row.mcp_server ? { mcp_server: row.mcp_server } : null,
  }),
  team: (row: Schemas["CostOfTeam"]): Share => ({
    ...row,
    id: row.team_id ?? NOBODY,
    name: called(row.team_name, row.team_id),
    of: null,
    narrows: row.team_id ? { team_id: row.team_id } : null,
  }),
  user: (row: Schemas["CostOfUser"]): Share => ({
    ...row,
    id: row.user_id ?? NOBODY,
    name: called(row.user_email, row.user_id),
    of: null,
    narrows: row.user_id ? { user_id: row.user_id } : null,
  }),
  tool: (row: Schemas["CostOfTool"]): Share => ({
    ...row,
    id: `${row.mcp_server ?? ""} ${row.tool_name ?? ""}`,
    name: row.tool_name,
    of: row.mcp_server,
    narrows:
      row.mcp_server && row.tool_name ? { mcp_server: row.mcp_server, tool_name: row.tool_name } : null,
  }),
  key: (row: Schemas["CostOfKey"]): Share => ({
    ...row,
    id: row.api_key_id ?? NOBODY,
    name: called(row.api_key_name, row.api_key_id),
    of: null,
    narrows: row.api_key_id ? { api_key_id: row.api_key_id } : null,
  }),
};
