"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { CheckField } from "@/components/form/check-field";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { SelectField } from "@/components/form/select-field";
import { useDraft } from "@/components/form/use-draft";
import { useSubmit } from "@/components/form/use-submit";
import { Field } from "@/components/ui/field";
import { SEVERITY_OPTIONS } from "@/features/alerts/looks";
import { namesChanged } from "@/lib/directory/directory";
import { createChannel, updateChannel, type Channel, type ChannelType } from "./api";
import { ConfigFields } from "./config-fields";
import { draftOf, formOf, NEW_DRAFT, patchOf } from "./draft";
import { TYPES } from "./types";

const FIELDS = [
  "name",
  "type",
  "min_severity",
  "headers",
  "config.webhook_url",
  "config.routing_key",
  "config.api_key",
  "config.secret",
  "config.channel",
  "config.url",
  "config.to",
  "config.region",
  "config.headers",
];
const TYPE_OPTIONS = (Object.keys(TYPES) as ChannelType[]).map((value) => ({
  value,
  name: TYPES[value].name,
}));

interface Props {
  /** Nothing: a new one. */
  channel?: Channel;
  readOnly: boolean;
  onSaved: (channel: Channel) => void;
  onCancel: () => void;
  onTakeTheirs?: () => void;
}

export function ChannelForm({ channel: loaded, readOnly, onSaved, onCancel, onTakeTheirs }: Props) {
  const client = useQueryClient();
  // What the form began with, whatever is loaded meanwhile.
  const [channel] = useState(loaded);
  const [draft, put] = useDraft(channel ? draftOf(channel) : NEW_DRAFT);
  const submit = useSubmit(
    (version) =>
      channel ? updateChannel(channel.id, version, patchOf(draft, channel)) : createChannel(formOf(draft)),
    (saved) => {
      void client.invalidateQueries({ queryKey: ["alerts", "channels"] });
      void namesChanged(client, "channel");
      onSaved(saved);
    },
    channel?.version,
  );
  const { about } = submit;
  return (
    <form onSubmit={submit.onSubmit} autoComplete="off">
      <fieldset disabled={readOnly} className="flex min-w-0 flex-col gap-4">
        <legend className="sr-only">The channel</legend>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Name"
            required
            maxLength={100}
            value={draft.name}
            onChange={(event) => put("name", event.target.value)}
            problem={about("name")}
          />
          {/* A type is given once. */}
          <SelectField
            label="Type"
            disabled={channel !== undefined}
            value={draft.type}
            options={TYPE_OPTIONS}
            onChange={(type) => put("type", type)}
            problem={about("type")}
          />
        </div>
        <ConfigFields channel={channel} draft={draft} put={put} about={about} />
        <SelectField
          label="Told of alerts from"
          value={draft.min_severity}
          options={SEVERITY_OPTIONS}
          onChange={(severity) => put("min_severity", severity)}
          hint="And of everything worse"
          problem={about("min_severity")}
        />
        <CheckField
          label="Tell when an alert is over"
          checked={draft.send_resolved}
          onChange={(resolved) => put("send_resolved", resolved)}
        />
        <CheckField label="On" checked={draft.enabled} onChange={(enabled) => put("enabled", enabled)} />
        <FormProblem {...submit} fields={FIELDS} onTakeTheirs={onTakeTheirs} />
        {!readOnly && (
          <FormEnd action={channel ? "Save" : "Make channel"} busy={submit.busy} onCancel={onCancel} />
        )}
      </fieldset>
    </form>
  );
}
