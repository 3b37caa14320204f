// What is known by an id, and how the API tells what it is called.
import { api, data } from "@/lib/api/client";

export interface Named {
  id: string;
  name: string;
  /** What else tells it from others: the name beside an address, the beginning of a key. */
  more?: string;
}

export type ListedKind = "server" | "team" | "role" | "channel" | "rule" | "policy";
export type FoundKind = "user" | "api_key";
export type Kind = ListedKind | FoundKind;

interface PageQuery {
  limit: number;
  sort: string;
  cursor?: string;
}

interface Listed {
  permission: string;
  page: (query: PageQuery, signal: AbortSignal) => Promise<{ next_cursor: string | null; named: Named[] }>;
}

/** Few by nature: all of them are asked for at once, to name them by and to choose from. */
export const LISTED: Record<ListedKind, Listed> = {
  server: {
    permission: "servers:read",
    page: async (query, signal) => {
      const page = await data(api.GET("/v1/mcp-servers", { params: { query }, signal }));
      return { ...page, named: page.mcp_servers.map(({ id, name }) => ({ id, name })) };
    },
  },
  team: {
    permission: "teams:read",
    page: async (query, signal) => {
      const page = await data(api.GET("/v1/teams", { params: { query }, signal }));
      return { ...page, named: page.teams.map(({ id, name }) => ({ id, name })) };
    },
  },
  role: {
    permission: "rbac:read",
    page: async (query, signal) => {
      const page = await data(api.GET("/v1/roles", { params: { query }, signal }));
      return {
        ...page,
        named: page.roles.map(({ id, name, description }) => ({ id, name, more: description })),
      };
    },
  },
  channel: {
    permission: "alerts:read",
    page: async (query, signal) => {
      const page = await data(api.GET("/v1/alerts/channels", { params: { query }, signal }));
      return { ...page, named: page.channels.map(({ id, name, type }) => ({ id, name, more: type })) };
    },
  },
  rule: {
    permission: "alerts:read",
    page: async (query, signal) => {
      const page = await data(api.GET("/v1/alerts/rules", { params: { query }, signal }));
      return { ...page, named: page.rules.map(({ id, name }) => ({ id, name })) };
    },
  },
  policy: {
    permission: "policies:read",
    page: async (query, signal) => {
      const page = await data(api.GET("/v1/safety-policies", { params: { query }, signal }));
      return { ...page, named: page.safety_policies.map(({ id, name }) => ({ id, name })) };
    },
  },
};

interface Found {
  permission: string;
  one: (id: string, signal: AbortSignal) => Promise<Named>;
  /** The first that can still call and are called like that. */
  find: (q: string, signal: AbortSignal) => Promise<Named[]>;
}

const MOST_FOUND = 20;

/** There may be thousands: each is asked for by its id, and found by a part of its name. */
export const FOUND: Record<FoundKind, Found> = {
  user: {
    permission: "users:read",
    one: async (id, signal) =>
      asUser(await data(api.GET("/v1/users/{id}", { params: { path: { id } }, signal }))),
    find: async (q, signal) => {
      const query = { ...(q && { q }), status: "active", sort: "name", limit: MOST_FOUND };
      return (await data(api.GET("/v1/users", { params: { query }, signal }))).users.map(asUser);
    },
  },
  api_key: {
    permission: "keys:read",
    one: async (id, signal) =>
      asKey(await data(api.GET("/v1/api-keys/{id}", { params: { path: { id } }, signal }))),
    find: async (q, signal) => {
      const query = { ...(q && { q }), status: "active,rotating", sort: "name", limit: MOST_FOUND };
      return (await data(api.GET("/v1/api-keys", { params: { query }, signal }))).api_keys.map(asKey);
    },
  },
};

/** By their address, as traces, costs and the audit log name people. */
function asUser({ id, email, name }: { id: string; email: string; name: string }): Named {
  return { id, name: email, more: name };
}

function asKey({ id, name, key_prefix }: { id: string; name: string; key_prefix: string }): Named {
  return { id, name, more: `${key_prefix}…` };
}

export function isListed(kind: Kind): kind is ListedKind {
  return Object.hasOwn(LISTED, kind);
}

/** What one must hold to be told their names. */
export function permissionFor(kind: Kind): string {
  return isListed(kind) ? LISTED[kind].permission : FOUND[kind].permission;
}

const NOUNS: Record<Kind, string> = {
  server: "Server",
  team: "Team",
  role: "Role",
  channel: "Channel",
  rule: "Rule",
  policy: "Policy",
  user: "User",
  api_key: "API key",
};

export function nounOf(kind: Kind): string {
  return NOUNS[kind];
}
