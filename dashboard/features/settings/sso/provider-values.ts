import { flatten, type Values } from "@/features/settings/form/values";
import type { Provider } from "./api";

export const CLAIMS = ["email", "name", "groups", "picture"] as const;

export const NEW_PROVIDER: Values = {
  type: "oidc",
  name: "",
  issuer_url: "",
  client_id: "",
  client_secret: null,
  scopes: ["openid", "profile", "email"],
  ...Object.fromEntries(CLAIMS.map((claim) => [`claim_mappings.${claim}`, claim])),
  group_mappings: [],
  allowed_domains: [],
  jit_provisioning: true,
  default_role: "viewer",
  mcp_tokens: false,
  enabled: true,
};

/** What can be changed. The secret is never read back: empty leaves it as it is. */
export function providerValues(provider: Provider): Values {
  const all = flatten(provider, ["claim_mappings"]);
  const fields = Object.keys(NEW_PROVIDER).filter((field) => field !== "client_secret");
  return { ...Object.fromEntries(fields.map((field) => [field, all[field]])), client_secret: null };
}

/** What ends the sessions that the provider began. */
export function endsSessions(changes: Values): boolean {
  return changes.enabled === false || ["type", "issuer_url", "client_id"].some((field) => field in changes);
}
