// What other things are called that a page only knows by their ids, and what a form offers to choose from.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, data } from "@/lib/api/client";
import { useMay } from "@/lib/session/session";
import { everyPage } from "./every-page";

export interface Named {
  id: string;
  name: string;
}

type Query = { limit: number; sort: string; cursor?: string };
type Load = (query: Query, signal: AbortSignal) => Promise<{ next_cursor: string | null; named: Named[] }>;

const KINDS = {
  server: {
    permission: "servers:read",
    load: async (query, signal) => {
      const page = await data(api.GET("/v1/mcp-servers", { params: { query }, signal }));
      return { ...page, named: page.mcp_servers.map(({ id, name }) => ({ id, name })) };
    },
  },
  team: {
    permission: "teams:read",
    load: async (query, signal) => {
      const page = await data(api.GET("/v1/teams", { params: { query }, signal }));
      return { ...page, named: page.teams.map(({ id, name }) => ({ id, name })) };
    },
  },
  user: {
    permission: "users:read",
    load: async (query, signal) => {
      const page = await data(api.GET("/v1/users", { params: { query }, signal }));
      return { ...page, named: page.users.map(({ id, email }) => ({ id, name: email })) };
    },
  },
  api_key: {
    permission: "keys:read",
    load: async (query, signal) => {
      const page = await data(api.GET("/v1/api-keys", { params: { query }, signal }));
      return { ...page, named: page.api_keys.map(({ id, name }) => ({ id, name })) };
    },
  },
  channel: {
    permission: "alerts:read",
    load: async (query, signal) => {
      const page = await data(api.GET("/v1/alerts/channels", { params: { query }, signal }));
      return { ...page, named: page.channels.map(({ id, name }) => ({ id, name })) };
    },
  },
  rule: {
    permission: "alerts:read",
    load: async (query, signal) => {
      const page = await data(api.GET("/v1/alerts/rules", { params: { query }, signal }));
      return { ...page, named: page.rules.map(({ id, name }) => ({ id, name })) };
    },
  },
} satisfies Record<string, { permission: string; load: Load }>;

export type Kind = keyof typeof KINDS;

const STALE_MS = 60_000;

export function directoryQuery(kind: Kind) {
  const { load }: { load: Load } = KINDS[kind];
  return queryOptions({
    queryKey: ["directory", kind],
    queryFn: async ({ signal }) => {
      const pages = await everyPage((cursor) =>
        load({ limit: 200, sort: "name", ...(cursor ? { cursor } : {}) }, signal),
      );
      return pages.flatMap((page) => page.named);
    },
    staleTime: STALE_MS,
  });
}

export interface Directory {
  /** Undefined while they are on their way, or where the reader may not list them. */
  all: readonly Named[] | undefined;
  /** Whether the reader may list them at all. */
  allowed: boolean;
  error: Error | null;
  /** The name; the beginning of the id where there is none: it is gone, or it may not be seen. */
  nameOf: (id: string) => string;
}

export function useDirectory(kind: Kind, wanted = true): Directory {
  const allowed = useMay(KINDS[kind].permission);
  const { data: all, error } = useQuery({ ...directoryQuery(kind), enabled: allowed && wanted });
  return {
    all,
    allowed,
    error,
    nameOf: (id) => all?.find((one) => one.id === id)?.name ?? `${id.slice(0, 8)}…`,
  };
}
