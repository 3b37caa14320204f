// Who and what is named on pages about access: people, teams, servers, roles, permissions.
import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/lib/api/client";

const NAMES_STAY_MS = 300_000;
const MOST = 200;

export function personQuery(id: string) {
  return queryOptions({
    queryKey: ["access", "person", id],
    queryFn: ({ signal }) => data(api.GET("/v1/users/{id}", { params: { path: { id } }, signal })),
    staleTime: NAMES_STAY_MS,
  });
}

export function peopleQuery(q: string) {
  return queryOptions({
    queryKey: ["access", "people", q],
    queryFn: ({ signal }) =>
      data(
        api.GET("/v1/users", {
          params: { query: { ...(q && { q }), status: "active", sort: "name", limit: 20 } },
          signal,
        }),
      ),
    staleTime: 30_000,
  });
}

/** The first teams by name: more are found on the page of teams. */
export const teamNamesQuery = queryOptions({
  queryKey: ["access", "teams"],
  queryFn: ({ signal }) =>
    data(api.GET("/v1/teams", { params: { query: { sort: "name", limit: MOST } }, signal })),
  staleTime: 30_000,
});

export const serverNamesQuery = queryOptions({
  queryKey: ["access", "servers"],
  queryFn: ({ signal }) =>
    data(api.GET("/v1/mcp-servers", { params: { query: { sort: "name", limit: MOST } }, signal })),
  staleTime: 30_000,
});

export const roleNamesQuery = queryOptions({
  queryKey: ["access", "roles"],
  queryFn: ({ signal }) =>
    data(api.GET("/v1/roles", { params: { query: { sort: "name", limit: MOST } }, signal })),
  staleTime: 30_000,
});

/** All that can be granted, as the API explains it. It changes with releases only. */
export const permissionsQuery = queryOptions({
  queryKey: ["access", "permissions"],
  queryFn: ({ signal }) => data(api.GET("/v1/permissions", { params: { query: { limit: MOST } }, signal })),
  staleTime: Infinity,
});
