import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/lib/api/client";

/** Which ways there are to sign in; of one organization where there are several. */
export function loginConfigQuery(organization: string | null) {
  return queryOptions({
    queryKey: ["login", organization],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/auth/config", { params: { query: organization ? { organization } : {} }, signal })),
    staleTime: 60_000,
  });
}

export function logIn(email: string, password: string, organization: string | null) {
  return data(
    api.POST("/v1/auth/login", { body: { email, password, ...(organization ? { organization } : {}) } }),
  );
}
