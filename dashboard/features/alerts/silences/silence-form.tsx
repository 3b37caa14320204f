"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ChoicesField } from "@/components/form/choices-field";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { TextAreaField } from "@/components/form/text-area-field";
import { useDraft } from "@/components/form/use-draft";
import { useSubmit } from "@/components/form/use-submit";
import { Field } from "@/components/ui/field";
import { SEVERITY_OPTIONS } from "@/features/alerts/looks";
import { useDirectory } from "@/lib/directory/directory";
import { saveSilence, type Silence } from "./api";
import { draftOf, formOf, newDraft } from "./draft";

const FIELDS = ["rule_ids", "severities", "mcp_servers", "starts_at", "ends_at", "reason"];

interface Props {
  /** Nothing: a new one, of this rule if there is one. */
  silence?: Silence;
  rule?: string;
  readOnly: boolean;
  onSaved: (silence: Silence) => void;
  onCancel: () => void;
  onTakeTheirs?: () => void;
}

export function SilenceForm({ silence: loaded, rule, readOnly, onSaved, onCancel, onTakeTheirs }: Props) {
  const client = useQueryClient();
  // What the form began with, whatever is loaded meanwhile.
  const [silence] = useState(loaded);
  const [first] = useState(() => (silence ? draftOf(silence) : newDraft(Date.now(), rule)));
  const [draft, put] = useDraft(first);
  const rules = useDirectory("rule");
  const servers = useDirectory("server");
  const submit = useSubmit(
    (version) => saveSilence(silence, version, formOf(draft, silence)),
    (saved) => {
      void client.invalidateQueries({ queryKey: ["alerts", "silences"] });
      onSaved(saved);
    },
    silence?.version,
  );
  const { about } = submit;
  return (
    <form onSubmit={submit.onSubmit}>
      <fieldset disabled={readOnly} className="flex min-w-0 flex-col gap-4">
        <legend className="sr-only">The silence</legend>
        <TextAreaField
          label="Reason"
          required
          rows={2}
          maxLength={500}
          value={draft.reason}
          onChange={(event) => put("reason", event.target.value)}
          problem={about("reason")}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Begins"
            type="datetime-local"
            value={draft.starts_at}
            onChange={(event) => put("starts_at", event.target.value)}
            hint={silence ? "In your time zone" : "In your time zone. Empty: now"}
            problem={about("starts_at")}
          />
          <Field
            label="Ends"
            type="datetime-local"
            required
            value={draft.ends_at}
            onChange={(event) => put("ends_at", event.target.value)}
            problem={about("ends_at")}
          />
        </div>
        <ChoicesField
          label="Rules"
          hint="None: of all rules"
          chosen={draft.rule_ids}
          onChange={(chosen) => put("rule_ids", chosen)}
          options={rules.options}
          none="There are no rules yet."
          problem={about("rule_ids")}
        />
        <ChoicesField
          label="Severities"
          hint="None: of every severity"
          chosen={draft.severities}
          onChange={(chosen) => put("severities", chosen)}
          options={SEVERITY_OPTIONS}
          none=""
          problem={about("severities")}
        />
        {(servers.allowed || draft.mcp_servers.length > 0) && (
          <ChoicesField
            label="Servers"
            hint="None: of every server. Else of rules that are limited to servers, all of which are chosen here"
            chosen={draft.mcp_servers}
            onChange={(chosen) => put("mcp_servers", chosen)}
            options={servers.allowed ? servers.all?.map(({ name }) => ({ value: name, name })) : []}
            none="There are no servers yet."
            problem={about("mcp_servers")}
          />
        )}
        <FormProblem {...submit} fields={FIELDS} onTakeTheirs={onTakeTheirs} />
        {!readOnly && (
          <FormEnd action={silence ? "Save" : "Make silence"} busy={submit.busy} onCancel={onCancel} />
        )}
      </fieldset>
    </form>
  );
}
