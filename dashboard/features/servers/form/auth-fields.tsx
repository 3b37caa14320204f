"use client";

import { SecretField } from "@/components/form/secret-field";
import { SelectField } from "@/components/form/select-field";
import { Field } from "@/components/ui/field";
import type { Server } from "@/features/servers/api";
import type { FieldsProps } from "./about-fields";
import type { AuthDraft } from "./draft";

export const AUTH_TYPES: { value: AuthDraft["type"]; name: string }[] = [
  { value: "none", name: "None" },
  { value: "bearer", name: "Bearer token" },
  { value: "basic", name: "User and password" },
  { value: "header", name: "A header of its own" },
  { value: "oauth_client_credentials", name: "OAuth client credentials" },
];

interface Props extends FieldsProps<AuthDraft> {
  /** Which secrets are stored already. */
  stored?: Server["auth"];
}

/** How the gateway proves to the server who it is. */
export function AuthFields({ draft, onChange, about, stored }: Props) {
  const same = stored?.type === draft.type ? stored : undefined;
  const plain = (
    name: "username" | "header_name" | "token_url" | "client_id",
    label: string,
    hint?: string,
  ) => (
    <Field
      label={label}
      hint={hint}
      required
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      value={draft[name]}
      onChange={(event) => onChange({ [name]: event.target.value })}
      problem={about(`auth.${name}`)}
    />
  );
  const secret = (name: "token" | "password" | "header_value" | "client_secret", label: string) => (
    <SecretField
      label={label}
      isSet={same?.[`${name}_set`] ?? false}
      value={draft[name]}
      onChange={(value) => onChange({ [name]: value })}
      problem={about(`auth.${name}`)}
    />
  );
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label="Credentials"
        hint="Clients never see them: the gateway adds them to each request."
        options={AUTH_TYPES}
        value={draft.type}
        onChange={(type) => onChange({ type: type as AuthDraft["type"] })}
        problem={about("auth.type")}
        className="sm:col-span-2"
      />
      {draft.type === "bearer" && secret("token", "Token")}
      {draft.type === "basic" && plain("username", "User")}
      {draft.type === "basic" && secret("password", "Password")}
      {draft.type === "header" && plain("header_name", "Header", "Such as X-API-Key")}
      {draft.type === "header" && secret("header_value", "Value")}
      {draft.type === "oauth_client_credentials" && (
        <>
          {plain("token_url", "Token address", "Where the gateway gets its access tokens")}
          {plain("client_id", "Client id")}
          {secret("client_secret", "Client secret")}
          <Field
            label="Scopes"
            hint="Optional, separated by spaces"
            value={draft.scopes}
            onChange={(event) => onChange({ scopes: event.target.value })}
            problem={about("auth.scopes")}
          />
        </>
      )}
    </div>
  );
}
