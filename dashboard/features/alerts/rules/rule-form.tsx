"use client";

import { useQueryClient } from "@tanstack/react-query";
import { CheckField } from "@/components/form/check-field";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { TextAreaField } from "@/components/form/text-area-field";
import type { useDraft } from "@/components/form/use-draft";
import { useSubmit } from "@/components/form/use-submit";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { namesChanged } from "@/lib/directory/directory";
import { saveRule, type Rule } from "./api";
import { ConditionFields } from "./condition-fields";
import { formOf, type RuleDraft } from "./draft";
import { FilterFields } from "./filter-fields";
import { ReceiverFields } from "./receiver-fields";

const FIELDS = [
  "name",
  "description",
  "metric",
  "condition",
  "threshold",
  "window_minutes",
  "for_minutes",
  "severity",
  "renotify_minutes",
  "channel_ids",
  "filters.mcp_servers",
  "filters.tool_names",
  "filters.team_ids",
  "filters.api_key_ids",
  "filters.environments",
];

export interface FieldsProps {
  draft: RuleDraft;
  put: ReturnType<typeof useDraft<RuleDraft>>[1];
  about: (field: string) => string | undefined;
}

interface Props extends Omit<FieldsProps, "about"> {
  /** Nothing: a new one. */
  rule?: Rule;
  /** For those who may see it, but not change it. */
  readOnly: boolean;
  onSaved: (rule: Rule) => void;
  onCancel: () => void;
  onTakeTheirs: () => void;
}

export function RuleForm({ rule, draft, put, readOnly, onSaved, onCancel, onTakeTheirs }: Props) {
  const client = useQueryClient();
  const submit = useSubmit(
    (version) => saveRule(rule, version, formOf(draft)),
    (saved) => {
      void client.invalidateQueries({ queryKey: ["alerts"] });
      void namesChanged(client, "rule");
      onSaved(saved);
    },
    rule?.version,
  );
  const fields = { draft, put, about: submit.about };
  return (
    <form onSubmit={submit.onSubmit}>
      <fieldset disabled={readOnly} className="flex min-w-0 flex-col gap-5">
        <legend className="sr-only">The rule</legend>
        <Card title="What it watches">
          <div className="flex flex-col gap-4">
            <Field
              label="Name"
              required
              maxLength={100}
              value={draft.name}
              onChange={(event) => put("name", event.target.value)}
              problem={submit.about("name")}
            />
            <ConditionFields {...fields} />
            <TextAreaField
              label="Description"
              maxLength={1000}
              rows={2}
              value={draft.description}
              onChange={(event) => put("description", event.target.value)}
              hint="What to do when it fires"
              problem={submit.about("description")}
            />
            <CheckField
              label="On"
              hint="One that is off is not evaluated; its open alert is over."
              checked={draft.enabled}
              onChange={(enabled) => put("enabled", enabled)}
            />
          </div>
        </Card>
        <FilterFields {...fields} />
        <ReceiverFields {...fields} />
        <FormProblem {...submit} fields={FIELDS} onTakeTheirs={onTakeTheirs} />
        {!readOnly && (
          <FormEnd
            action={rule ? "Save" : "Make rule"}
            cancel={rule && "Discard changes"}
            busy={submit.busy}
            onCancel={onCancel}
          />
        )}
      </fieldset>
    </form>
  );
}
