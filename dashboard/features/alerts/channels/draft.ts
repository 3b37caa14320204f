import { changedOf } from "@/lib/form/changed";
import { linesOf, listOf } from "@/lib/form/lines";
import type { Schemas } from "@/lib/api/client";
import type { Channel, ChannelForm, ChannelType } from "./api";
import { TYPES, type SecretField } from "./types";

/** A channel as it is written in the form. Secrets are empty unless one is written: they are never read. */
export interface ChannelDraft {
  name: string;
  type: ChannelType;
  min_severity: Channel["min_severity"];
  send_resolved: boolean;
  enabled: boolean;
  secrets: Partial<Record<SecretField["name"], string>>;
  /** Secrets that are set and shall go. */
  dropped: SecretField["name"][];
  channel: string;
  url: string;
  to: string;
  region: Schemas["OpsgenieRegion"];
  /** Of a webhook: `name: value`, one on each line. */
  headers: string;
  /** Headers that are set shall go, all of them: which they are is not told. */
  dropsHeaders: boolean;
}

export const NEW_DRAFT: ChannelDraft = {
  name: "",
  type: "slack",
  min_severity: "info",
  send_resolved: true,
  enabled: true,
  secrets: {},
  dropped: [],
  channel: "",
  url: "",
  to: "",
  region: "us",
  headers: "",
  dropsHeaders: false,
};

export function draftOf(channel: Channel): ChannelDraft {
  const { name, type, min_severity, send_resolved, enabled, config } = channel;
  return {
    ...NEW_DRAFT,
    name,
    type,
    min_severity,
    send_resolved,
    enabled,
    channel: config.channel ?? "",
    url: config.url ?? "",
    to: (config.to ?? []).join("\n"),
    region: config.region ?? "us",
  };
}

/** Lines of `name: value`; a line without a colon is a name without a value, which the API refuses. */
export function headersOf(text: string): Record<string, string> {
  const pairs = linesOf(text).map((line): [string, string] => {
    const colon = line.indexOf(":");
    return colon < 0 ? [line, ""] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return Object.fromEntries(pairs);
}

type Config = Schemas["AlertChannelConfigForm"];

/** The fields of the type alone: another type's are unknown to the API. What is left empty of secrets stays as it is. */
function configOf(draft: ChannelDraft): Config {
  const config: Config = {};
  for (const { name } of TYPES[draft.type].secrets) {
    const given = draft.secrets[name]?.trim();
    if (given) config[name] = given;
    else if (draft.dropped.includes(name)) config[name] = null;
  }
  if (draft.type === "slack") config.channel = draft.channel.trim() || null;
  if (draft.type === "webhook") {
    config.url = draft.url.trim();
    const headers = headersOf(draft.headers);
    // Null clears, as in any merge patch, which the types of the document do not say.
    if (draft.dropsHeaders) Object.assign(config, { headers: null });
    else if (Object.keys(headers).length > 0) config.headers = headers;
  }
  if (draft.type === "email") config.to = listOf(draft.to);
  if (draft.type === "opsgenie") config.region = draft.region;
  return config;
}

function settingsOf({ name, min_severity, send_resolved, enabled }: ChannelDraft) {
  return { name: name.trim(), min_severity, send_resolved, enabled };
}

export function formOf(draft: ChannelDraft): ChannelForm {
  return { ...settingsOf(draft), type: draft.type, config: configOf(draft) };
}

/** Only what was changed: what the environment gives may be shown here, but not sent back. */
export function patchOf(draft: ChannelDraft, channel: Channel): Schemas["AlertChannelPatch"] {
  const before = draftOf(channel);
  const settings = changedOf(settingsOf(before), settingsOf(draft));
  const config = changedOf(configOf(before), configOf(draft));
  return Object.keys(config).length > 0 ? { ...settings, config } : settings;
}
