"use client";

import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { useDraft } from "@/components/form/use-draft";
import { useSubmit } from "@/components/form/use-submit";
import { useUnsavedWarning } from "@/lib/use-unsaved-warning";
import type { Permission } from "./api";
import { draftOf, formOf, newDraft, type PermissionDraft, type RuleDraft } from "./draft";
import { LimitFields } from "./limit-fields";
import { MeaningCard } from "./meaning-card";
import { RuleFields } from "./rule-fields";
import { savePermission } from "./save-permission";
import { TargetFields } from "./target-fields";

const FIELDS = [
  "subject_type",
  "subject_id",
  "mcp_server",
  "tool_name",
  "effect",
  "max_uses_per_day",
  "expires_at",
];

export interface FieldsProps {
  draft: PermissionDraft;
  put: ReturnType<typeof useDraft<PermissionDraft>>[1];
  about: (field: string) => string | undefined;
}

interface Props {
  /** Nothing: a new one. */
  permission?: Permission;
  /** What a new one is about to begin with. */
  begin?: { mcp_server?: string; tool_name?: string };
  /** For those who may see it, but not change it. */
  readOnly: boolean;
  onSaved: (permission: Permission) => void;
  onTakeTheirs?: () => void;
  onCancel?: () => void;
}

export function PermissionForm({ permission: loaded, begin = {}, readOnly, ...on }: Props) {
  // What the form began with: the one that is loaded may be another's by the time it is saved.
  const [permission] = useState(loaded);
  const [first] = useState(() => (permission ? draftOf(permission) : newDraft(begin)));
  const [draft, put] = useDraft(first);
  // In the order in which they were sent, which is how the API names them.
  const [sent, setSent] = useState<readonly number[]>([]);
  const submit = useSubmit(
    (version) => {
      setSent(draft.argument_rules.map((rule) => rule.id));
      return savePermission(permission, version, draft);
    },
    on.onSaved,
    permission?.version,
  );
  const isChanged = JSON.stringify(draft) !== JSON.stringify(first);
  useUnsavedWarning(isChanged && !readOnly);

  const fields = { draft, put, about: submit.about };
  const partOf = (rule: RuleDraft, part: string) => `argument_rules.${sent.indexOf(rule.id)}.${part}`;
  const shown = draft.argument_rules.flatMap((rule) => [partOf(rule, "pointer"), partOf(rule, "values")]);
  return (
    <form onSubmit={submit.onSubmit} className="max-w-3xl">
      <fieldset disabled={readOnly} className="flex min-w-0 flex-col gap-5">
        <legend className="sr-only">The permission</legend>
        <TargetFields {...fields} />
        <RuleFields draft={draft} put={put} aboutRule={(rule, part) => submit.about(partOf(rule, part))} />
        <LimitFields {...fields} />
        <MeaningCard form={formOf(draft, permission)} />
        <FormProblem {...submit} fields={[...FIELDS, ...shown]} onTakeTheirs={on.onTakeTheirs} />
        {!readOnly && (
          <FormEnd
            action={permission ? "Save" : "Make permission"}
            busy={submit.busy}
            disabled={permission !== undefined && !isChanged}
            onCancel={on.onCancel}
          />
        )}
      </fieldset>
    </form>
  );
}
