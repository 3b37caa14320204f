import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";

export type Invite = Schemas["InviteLookup"];

/** What an invite is about. Its token is in the link's fragment, which no server sees, and goes nowhere but here. */
export function inviteQuery(token: string) {
  return queryOptions({
    queryKey: ["invite", token],
    queryFn: ({ signal }) => data(api.POST("/v1/users/invites/lookup", { body: { token }, signal })),
    staleTime: Infinity,
  });
}

export const waysQuery = queryOptions({
  queryKey: ["invite", "ways"],
  queryFn: ({ signal }) => data(api.GET("/v1/auth/config", { signal })),
});

export function acceptInvite(token: string, name: string, password: string) {
  return data(api.POST("/v1/users/invites/accept", { body: { token, name, password } }));
}
