import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { ifMatch } from "@/lib/api/if-match";
import { pagedQuery } from "@/lib/api/paged";
import { namesChanged } from "@/lib/directory/directory";

export type User = Schemas["User"];
export type Invite = Schemas["Invite"];
export type IssuedInvite = Schemas["IssuedInvite"];
export type Team = Schemas["Team"];
export type TeamMember = Schemas["TeamMember"];
export type Role = Schemas["Role"];
export type RoleAssignment = Schemas["RoleAssignment"];

export const USER_FILTERS = ["q", "status", "role", "team_id"] as const;
export type UserFilter = (typeof USER_FILTERS)[number];

/** Whatever was changed about people, lists, sessions and names are asked for anew. */
export async function accessChanged(client: QueryClient): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ["team"] }),
    client.invalidateQueries({ queryKey: ["sessions"] }),
    namesChanged(client),
  ]);
}

export function usersQuery(filters: Partial<Record<UserFilter, string>>, sort: string) {
  return pagedQuery(["team", "users", filters, sort], (page, signal) =>
    data(api.GET("/v1/users", { params: { query: { ...filters, sort, ...page } }, signal })),
  );
}

export function userQuery(id: string) {
  return queryOptions({
    queryKey: ["team", "user", id],
    queryFn: ({ signal }) => data(api.GET("/v1/users/{id}", { params: { path: { id } }, signal })),
  });
}

export function updateUser({ id, version }: User, body: Schemas["UserPatch"]) {
  return data(api.PATCH("/v1/users/{id}", { params: { path: { id } }, headers: ifMatch(version), body }));
}

export function deleteUser({ id, version }: User) {
  return data(api.DELETE("/v1/users/{id}", { params: { path: { id } }, headers: ifMatch(version) }));
}

export function invitesQuery(status: string | undefined) {
  return pagedQuery(
    ["team", "invites", status],
    (page, signal) => {
      const query = { ...(status && { status }), ...page };
      return data(api.GET("/v1/users/invites", { params: { query }, signal }));
    },
    { limit: 50 },
  );
}

export function invite(body: Schemas["InviteForm"]) {
  return data(api.POST("/v1/users/invite", { body }));
}

export function resendInvite({ id }: Invite) {
  return data(api.POST("/v1/users/invites/{id}/resend", { params: { path: { id } } }));
}

export function revokeInvite({ id }: Invite) {
  return data(api.DELETE("/v1/users/invites/{id}", { params: { path: { id } } }));
}

export function teamsQuery(q: string | undefined, sort: string) {
  return pagedQuery(["team", "teams", q, sort], (page, signal) =>
    data(api.GET("/v1/teams", { params: { query: { ...(q && { q }), sort, ...page } }, signal })),
  );
}

export function teamQuery(id: string) {
  return queryOptions({
    queryKey: ["team", "team", id],
    queryFn: ({ signal }) => data(api.GET("/v1/teams/{id}", { params: { path: { id } }, signal })),
  });
}

export function createTeam(body: Schemas["TeamForm"]) {
  return data(api.POST("/v1/teams", { body }));
}

export function updateTeam({ id, version }: Team, body: Schemas["TeamPatch"]) {
  return data(api.PATCH("/v1/teams/{id}", { params: { path: { id } }, headers: ifMatch(version), body }));
}

export function deleteTeam({ id, version }: Team) {
  return data(api.DELETE("/v1/teams/{id}", { params: { path: { id } }, headers: ifMatch(version) }));
}

export function membersQuery(id: string) {
  return pagedQuery(["team", "members", id], (page, signal) => {
    const params = { path: { id }, query: { sort: "name", ...page } };
    return data(api.GET("/v1/teams/{id}/members", { params, signal }));
  });
}

export function addMember(id: string, body: Schemas["TeamMemberForm"]) {
  return data(api.POST("/v1/teams/{id}/members", { params: { path: { id } }, body }));
}

export function changeMember(id: string, user_id: string, role: TeamMember["role"]) {
  const params = { path: { id, user_id } };
  return data(api.PATCH("/v1/teams/{id}/members/{user_id}", { params, body: { role } }));
}

export function removeMember(id: string, user_id: string) {
  return data(api.DELETE("/v1/teams/{id}/members/{user_id}", { params: { path: { id, user_id } } }));
}

export function rolesQuery(q: string | undefined) {
  return pagedQuery(["team", "roles", q], (page, signal) => {
    const query = { ...(q && { q }), sort: "name", ...page };
    return data(api.GET("/v1/roles", { params: { query }, signal }));
  });
}

export function roleQuery(id: string) {
  return queryOptions({
    queryKey: ["team", "role", id],
    queryFn: ({ signal }) => data(api.GET("/v1/roles/{id}", { params: { path: { id } }, signal })),
  });
}

export function createRole(body: Schemas["RoleForm"]) {
  return data(api.POST("/v1/roles", { body }));
}

export function updateRole({ id, version }: Role, body: Schemas["RolePatch"]) {
  return data(api.PATCH("/v1/roles/{id}", { params: { path: { id } }, headers: ifMatch(version), body }));
}

export function deleteRole({ id, version }: Role) {
  return data(api.DELETE("/v1/roles/{id}", { params: { path: { id } }, headers: ifMatch(version) }));
}

export function assignmentsQuery(role_id: string) {
  return pagedQuery(
    ["team", "assignments", role_id],
    (page, signal) =>
      data(api.GET("/v1/role-assignments", { params: { query: { role_id, ...page } }, signal })),
    { limit: 50 },
  );
}

export function assignRole(body: Schemas["RoleAssignmentForm"]) {
  return data(api.POST("/v1/role-assignments", { body }));
}

export function removeAssignment(id: string) {
  return data(api.DELETE("/v1/role-assignments/{id}", { params: { path: { id } } }));
}
