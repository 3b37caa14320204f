import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/lib/api/client";
import { LIMITS_KEY } from "./api";

export interface Member {
  value: string;
  name: string;
}

/** The most that one page has; what is not among them can still be typed. */
const query = { limit: 200, sort: "name" };

const ASK: Record<string, { permission: string; ask: (signal: AbortSignal) => Promise<Member[]> }> = {
  team: {
    permission: "teams:read",
    ask: async (signal) => (await data(api.GET("/v1/teams", { params: { query }, signal }))).teams.map(byId),
  },
  user: {
    permission: "users:read",
    ask: async (signal) => (await data(api.GET("/v1/users", { params: { query }, signal }))).users.map(byId),
  },
  api_key: {
    permission: "keys:read",
    ask: async (signal) =>
      (await data(api.GET("/v1/api-keys", { params: { query }, signal }))).api_keys.map(byId),
  },
  server: {
    permission: "servers:read",
    ask: async (signal) =>
      (await data(api.GET("/v1/mcp-servers", { params: { query }, signal }))).mcp_servers.map(({ name }) => ({
        value: name,
        name,
      })),
  },
};

function byId({ id, name }: { id: string; name: string }): Member {
  return { value: id, name };
}

/** What one must hold to be told the members of a scope; null where there are none to tell. */
export function membersPermission(scope: string): string | null {
  return ASK[scope]?.permission ?? null;
}

/** Those that a limit may name, to choose from. */
export function membersQuery(scope: string) {
  return queryOptions({
    queryKey: [...LIMITS_KEY, "members", scope],
    queryFn: ({ signal }) => ASK[scope]?.ask(signal) ?? [],
    staleTime: 60_000,
  });
}
