/** The pages of the settings, in the order of their list. */
export interface Section {
  path: string;
  name: string;
  /** Any of them is enough to see something there. */
  permissions: readonly string[];
}

export const SECTIONS: readonly Section[] = [
  { path: "/settings/organization", name: "Organization", permissions: ["settings:read"] },
  { path: "/settings/limits", name: "Limits", permissions: ["settings:read", "policies:read"] },
  { path: "/settings/tools", name: "Tool policy", permissions: ["settings:read"] },
  { path: "/settings/security", name: "Security", permissions: ["settings:read"] },
  { path: "/settings/sso", name: "Single sign-on", permissions: ["sso:read"] },
  { path: "/settings/retention", name: "Retention", permissions: ["settings:read"] },
  { path: "/settings/exporters", name: "Exporters", permissions: ["settings:read"] },
  { path: "/settings/webhooks", name: "Webhooks", permissions: ["settings:read"] },
  { path: "/settings/jobs", name: "Jobs", permissions: ["settings:read"] },
  { path: "/settings/backup", name: "Backup", permissions: ["settings:read"] },
];
