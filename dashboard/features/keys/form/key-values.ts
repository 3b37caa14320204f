// What the form of a key holds, as it is typed, and what it says to the API.
import { asLines, linesOf } from "@/lib/form/lines";
import { changedOf } from "@/lib/form/changed";
import type { ApiKey, KeyBody, KeyPatch } from "@/features/keys/api";
import type { Environment } from "@/lib/environments";
import { DAY_MS } from "@/lib/time/units";

export interface KeyValues {
  name: string;
  description: string;
  environment: Environment;
  /** Null: a service key. */
  user_id: string | null;
  team_id: string;
  permissions: string[];
  servers: string;
  tools: string;
  rate_limit_rpm: string;
  ip_allowlist: string;
  metadata: string;
  /** `never`, `keep`, `date`, or a number of days. */
  expiry: string;
  expires_on: string;
}

export const NEW_KEY: KeyValues = {
  name: "",
  description: "",
  environment: "dev",
  user_id: null,
  team_id: "",
  permissions: ["mcp:*"],
  servers: "*",
  tools: "*",
  rate_limit_rpm: "",
  ip_allowlist: "",
  metadata: "",
  expiry: "90",
  expires_on: "",
};

export function valuesOf(key: ApiKey): KeyValues {
  return {
    name: key.name,
    description: key.description,
    environment: key.environment as Environment,
    user_id: key.user_id,
    team_id: key.team_id ?? "",
    permissions: key.permissions,
    servers: asLines(key.servers),
    tools: asLines(key.tools),
    rate_limit_rpm: key.rate_limit_rpm === null ? "" : String(key.rate_limit_rpm),
    ip_allowlist: asLines(key.ip_allowlist),
    metadata: Object.entries(key.metadata)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join("\n"),
    expiry: "keep",
    expires_on: "",
  };
}

/** The instant that an expiry comes to; undefined where it is left as it is. */
export function expiryOf(values: Pick<KeyValues, "expiry" | "expires_on">, now: number) {
  const { expiry, expires_on } = values;
  if (expiry === "keep") return undefined;
  if (expiry === "never") return null;
  if (expiry !== "date") return new Date(now + Number(expiry) * DAY_MS).toISOString();
  // The whole of that day, where the reader is.
  const end = new Date(`${expires_on}T23:59:59`);
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString();
}

function metadataOf(text: string): Record<string, string> {
  const pairs = linesOf(text).map((line): [string, string] => {
    const at = line.indexOf("=");
    return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
  return Object.fromEntries(pairs);
}

function editable(values: KeyValues) {
  return {
    name: values.name.trim(),
    description: values.description.trim(),
    team_id: values.team_id || null,
    permissions: values.permissions,
    servers: linesOf(values.servers),
    tools: linesOf(values.tools),
    rate_limit_rpm: values.rate_limit_rpm === "" ? null : Number(values.rate_limit_rpm),
    ip_allowlist: linesOf(values.ip_allowlist),
    metadata: metadataOf(values.metadata),
  };
}

export function bodyOf(values: KeyValues, now: number): KeyBody {
  const expires_at = expiryOf(values, now);
  return {
    ...editable(values),
    environment: values.environment,
    user_id: values.user_id,
    ...(expires_at && { expires_at }),
  };
}

/** Only what differs from what was read. */
export function patchOf(before: KeyValues, after: KeyValues, now: number): KeyPatch {
  const expires_at = expiryOf(after, now);
  const old = editable(before);
  const patch: KeyPatch = changedOf(old, editable(after));
  // A merge patch keeps the entries that it does not name.
  if (patch.metadata) {
    const gone = Object.keys(old.metadata).filter((name) => !(name in (patch.metadata ?? {})));
    patch.metadata = {
      ...patch.metadata,
      ...(Object.fromEntries(gone.map((name) => [name, null])) as unknown as Record<string, string>),
    };
  }
  return { ...patch, ...(expires_at !== undefined && { expires_at }) };
}
