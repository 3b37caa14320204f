import { CheckField } from "@/components/form/check-field";
import { SecretField } from "@/components/form/secret-field";
import { SelectField } from "@/components/form/select-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { Field } from "@/components/ui/field";
import type { Channel } from "./api";
import type { ChannelDraft } from "./draft";
import { isSet, TYPES } from "./types";

interface Props {
  channel: Channel | undefined;
  draft: ChannelDraft;
  put: <Name extends keyof ChannelDraft>(name: Name, value: ChannelDraft[Name]) => void;
  about: (field: string) => string | undefined;
}

const REGIONS = [
  { value: "us" as const, name: "US" },
  { value: "eu" as const, name: "EU" },
];

/** What each type needs to know. */
export function ConfigFields({ channel, draft, put, about }: Props) {
  return (
    <>
      {draft.type === "webhook" && (
        <Field
          label="URL"
          type="url"
          required
          placeholder="https://"
          value={draft.url}
          onChange={(event) => put("url", event.target.value)}
          hint="By https, and public unless the control plane allows others"
          problem={about("config.url")}
        />
      )}
      {TYPES[draft.type].secrets.map(({ name, label, hint, required }) => (
        <SecretField
          key={name}
          label={label}
          hint={hint}
          required={required}
          isSet={isSet(channel, name)}
          value={draft.secrets[name] ?? ""}
          onChange={(value) => put("secrets", { ...draft.secrets, [name]: value })}
          dropped={draft.dropped.includes(name)}
          onDrop={(dropped) =>
            put("dropped", dropped ? [...draft.dropped, name] : draft.dropped.filter((one) => one !== name))
          }
          problem={about(`config.${name}`)}
        />
      ))}
      {draft.type === "slack" && (
        <Field
          label="Slack channel"
          maxLength={80}
          placeholder="#alerts"
          value={draft.channel}
          onChange={(event) => put("channel", event.target.value)}
          hint="Empty: the webhook's own"
          problem={about("config.channel")}
        />
      )}
      {draft.type === "email" && (
        <TextAreaField
          label="To"
          required
          value={draft.to}
          onChange={(event) => put("to", event.target.value)}
          hint="Addresses, one on each line"
          problem={about("config.to")}
        />
      )}
      {draft.type === "opsgenie" && (
        <SelectField
          label="Region"
          value={draft.region}
          options={REGIONS}
          onChange={(region) => put("region", region)}
          problem={about("config.region")}
        />
      )}
      {draft.type === "webhook" && (
        <TextAreaField
          label="Further headers"
          autoComplete="off"
          spellCheck={false}
          disabled={draft.dropsHeaders}
          value={draft.headers}
          onChange={(event) => put("headers", event.target.value)}
          placeholder="X-Token: …"
          hint={
            channel?.config.headers_set
              ? "Some are set and stay. What is written here is added, or replaces one of the same name."
              : "One on each line. Their values are secrets: they are never shown again."
          }
          problem={about("config.headers") ?? about("headers")}
        />
      )}
      {draft.type === "webhook" && channel?.config.headers_set && (
        <CheckField
          label="Remove the headers that are set"
          checked={draft.dropsHeaders}
          onChange={(drops) => put("dropsHeaders", drops)}
        />
      )}
    </>
  );
}
