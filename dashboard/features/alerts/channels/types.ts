import type { Channel, ChannelType } from "./api";

export interface SecretField {
  name: "webhook_url" | "routing_key" | "api_key" | "secret";
  label: string;
  hint: string;
  required: boolean;
}

export interface TypeOf {
  name: string;
  secrets: SecretField[];
}

/** What each type is called, and which of its fields are written and never read. */
export const TYPES: Record<ChannelType, TypeOf> = {
  slack: {
    name: "Slack",
    secrets: [
      {
        name: "webhook_url",
        label: "Webhook URL",
        hint: "Of an incoming webhook of Slack, https://hooks.slack.com/…",
        required: true,
      },
    ],
  },
  pagerduty: {
    name: "PagerDuty",
    secrets: [
      {
        name: "routing_key",
        label: "Routing key",
        hint: "The integration key of an Events API v2 integration",
        required: true,
      },
    ],
  },
  webhook: {
    name: "Webhook",
    secrets: [
      {
        name: "secret",
        label: "Signing secret",
        hint: "Deliveries are signed with it by Standard Webhooks. Empty: not signed",
        required: false,
      },
    ],
  },
  email: { name: "E-mail", secrets: [] },
  teams: {
    name: "Microsoft Teams",
    secrets: [
      { name: "webhook_url", label: "Webhook URL", hint: "Of a workflow of Microsoft Teams", required: true },
    ],
  },
  opsgenie: {
    name: "Opsgenie",
    secrets: [
      { name: "api_key", label: "API key", hint: "Of an API integration of Opsgenie", required: true },
    ],
  },
};

export function typeName(type: string): string {
  return TYPES[type as ChannelType]?.name ?? type;
}

export function isSet(channel: Channel | undefined, secret: SecretField["name"]): boolean {
  return channel?.config[`${secret}_set`] === true;
}

/** Where a channel leads, as far as that is no secret. */
export function placeOf({ type, config }: Channel): string {
  if (type === "email") return (config.to ?? []).join(", ");
  if (type === "webhook") return config.url ?? "";
  if (type === "slack") return config.channel ?? "";
  if (type === "opsgenie") return config.region ? `Region ${config.region.toUpperCase()}` : "";
  return "";
}
