interface TypeText {
  value: string;
  name: string;
  /** What its issuer looks like. */
  issuer: string;
}

export const TYPES: readonly TypeText[] = [
  { value: "okta", name: "Okta", issuer: "https://example.okta.com" },
  {
    value: "azure_ad",
    name: "Microsoft Entra ID",
    issuer: "https://login.microsoftonline.com/<tenant>/v2.0",
  },
  { value: "google", name: "Google", issuer: "https://accounts.google.com" },
  { value: "onelogin", name: "OneLogin", issuer: "https://example.onelogin.com/oidc/2" },
  { value: "auth0", name: "Auth0", issuer: "https://example.eu.auth0.com/" },
  { value: "oidc", name: "OpenID Connect", issuer: "https://id.example.com" },
];

export function typeName(type: string): string {
  return TYPES.find(({ value }) => value === type)?.name ?? type;
}

export function issuerExample(type: string): string {
  return TYPES.find(({ value }) => value === type)?.issuer ?? "https://id.example.com";
}
