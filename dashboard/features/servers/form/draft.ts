// What is typed about a server, as texts, and what the API is asked for by it.
import type { Schemas } from "@/lib/api/client";
import type { Server, ServerForm } from "@/features/servers/api";

export interface AboutDraft {
  name: string;
  display_name: string;
  description: string;
  url: string;
  transport: Schemas["Transport"];
  /** Separated by commas. */
  tags: string;
}

export interface AuthDraft {
  type: Schemas["AuthType"];
  token: string;
  username: string;
  password: string;
  header_name: string;
  header_value: string;
  token_url: string;
  client_id: string;
  client_secret: string;
  /** Separated by spaces or commas. */
  scopes: string;
}

export interface TlsDraft {
  ca_pem: string;
  client_cert_pem: string;
  client_key_pem: string;
  server_name: string;
  insecure_skip_verify: boolean;
}

export interface ServerDraft {
  about: AboutDraft;
  auth: AuthDraft;
  tls: TlsDraft;
}

export const EMPTY: ServerDraft = {
  about: { name: "", display_name: "", description: "", url: "", transport: "streamable_http", tags: "" },
  auth: {
    type: "none",
    token: "",
    username: "",
    password: "",
    header_name: "",
    header_value: "",
    token_url: "",
    client_id: "",
    client_secret: "",
    scopes: "",
  },
  tls: { ca_pem: "", client_cert_pem: "", client_key_pem: "", server_name: "", insecure_skip_verify: false },
};

/** As it is saved. Secrets are not read back: their fields are empty. */
export function draftOf(server: Server): ServerDraft {
  const { auth, tls } = server;
  return {
    about: {
      name: server.name,
      display_name: server.display_name ?? "",
      description: server.description,
      url: server.url,
      transport: server.transport,
      tags: server.tags.join(", "),
    },
    auth: {
      ...EMPTY.auth,
      type: auth.type,
      username: auth.username ?? "",
      header_name: auth.header_name ?? "",
      token_url: auth.token_url ?? "",
      client_id: auth.client_id ?? "",
      scopes: auth.scopes.join(" "),
    },
    tls: {
      ca_pem: tls.ca_pem ?? "",
      client_cert_pem: tls.client_cert_pem ?? "",
      client_key_pem: "",
      server_name: tls.server_name ?? "",
      insecure_skip_verify: tls.insecure_skip_verify,
    },
  };
}

export function listed(text: string, separator: RegExp = /,/): string[] {
  return [...new Set(text.split(separator).map((part) => part.trim()))].filter(Boolean);
}

const orNull = (text: string) => text.trim() || null;

export function aboutBody({ display_name, description, url, transport, tags }: AboutDraft) {
  return {
    display_name: orNull(display_name),
    description: description.trim(),
    url: url.trim(),
    transport,
    tags: listed(tags),
  };
}

/** An empty secret is left out: a stored one stays. Fields of other ways are cleared. */
export function authBody(draft: AuthDraft): Schemas["AuthForm"] {
  const { type } = draft;
  const isOauth = type === "oauth_client_credentials";
  return {
    type,
    username: type === "basic" ? orNull(draft.username) : null,
    header_name: type === "header" ? orNull(draft.header_name) : null,
    token_url: isOauth ? orNull(draft.token_url) : null,
    client_id: isOauth ? orNull(draft.client_id) : null,
    scopes: isOauth ? listed(draft.scopes, /[\s,]+/) : [],
    ...(type === "bearer" && draft.token && { token: draft.token }),
    ...(type === "basic" && draft.password && { password: draft.password }),
    ...(type === "header" && draft.header_value && { header_value: draft.header_value }),
    ...(isOauth && draft.client_secret && { client_secret: draft.client_secret }),
  };
}

export function tlsBody(draft: TlsDraft): Schemas["TlsForm"] {
  const certificate = orNull(draft.client_cert_pem);
  return {
    ca_pem: orNull(draft.ca_pem),
    client_cert_pem: certificate,
    server_name: orNull(draft.server_name),
    insecure_skip_verify: draft.insecure_skip_verify,
    // A key without its certificate is of no use, and refused.
    ...(certificate === null
      ? { client_key_pem: null }
      : draft.client_key_pem && { client_key_pem: draft.client_key_pem }),
  };
}

export function serverBody({ about, auth, tls }: ServerDraft): ServerForm {
  return { name: about.name.trim(), ...aboutBody(about), auth: authBody(auth), tls: tlsBody(tls) };
}

/** A name as servers may have, made of a host: `mcp.github.example` → `github`. */
export function nameOfUrl(url: string): string {
  let host: string;
  try {
    host = new URL(url).hostname;
  } catch {
    return "";
  }
  const [first = ""] = host.split(".").filter((part) => !/^(mcp|www|api|\d+)$/.test(part));
  return first
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 63);
}
