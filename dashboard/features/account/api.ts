import type { QueryClient } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";

export function updateProfile(body: Schemas["ProfilePatch"]) {
  return data(api.PATCH("/v1/auth/me", { body }));
}

export function changePassword(current_password: string, new_password: string) {
  return data(api.POST("/v1/auth/password", { body: { current_password, new_password } }));
}

/** The one who is signed in is named all over the frame. */
export function profileChanged(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: ["me"] });
}
