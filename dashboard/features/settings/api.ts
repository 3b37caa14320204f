import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schemas } from "@/lib/api/client";
import { ifMatch } from "@/lib/api/if-match";
import { unflatten, type Values } from "./form/values";

export type SettingsDocument = Schemas["OrganizationSettings"];
export type Organization = Schemas["Organization"];

export const settingsQuery = queryOptions({
  queryKey: ["settings", "document"],
  queryFn: ({ signal }) => data(api.GET("/v1/settings", { signal })),
});

export function updateSettings(changes: Values, version: number | null) {
  const body = unflatten(changes) as Schemas["SettingsPatch"];
  return data(api.PATCH("/v1/settings", { body, headers: ifMatch(version) }));
}

export const organizationQuery = queryOptions({
  queryKey: ["settings", "organization"],
  queryFn: ({ signal }) => data(api.GET("/v1/organization", { signal })),
});

export function updateOrganization(changes: Values, version: number | null) {
  const body = changes as Schemas["OrganizationPatch"];
  return data(api.PATCH("/v1/organization", { body, headers: ifMatch(version) }));
}
