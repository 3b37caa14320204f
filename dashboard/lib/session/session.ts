"use client";

import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { rememberCsrfToken } from "@/lib/api/csrf";
import { may } from "@/lib/permission/permission";

export type Me = Schemas["Me"];

/** Who is signed in. Until that is known nothing else is asked for. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const me = await data(api.GET("/v1/auth/me", { signal }));
    rememberCsrfToken(me.csrf_token);
    return me;
  },
  staleTime: 60_000,
});

/** For pages of the console, which are drawn once this is known. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

export function useMay(permission: string): boolean {
  const { data: me } = useQuery(meQuery);
  return me !== undefined && may(me.permissions, permission);
}

export async function signOut(): Promise<void> {
  const { logout_url: elsewhere } = await data(api.POST("/v1/auth/logout"));
  // All of it, so that the next person at this browser finds nothing of the last one in memory.
  window.location.replace(elsewhere ?? "/login");
}
