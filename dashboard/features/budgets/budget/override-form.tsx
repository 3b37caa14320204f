"use client";

import { useQueryClient } from "@tanstack/react-query";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { TextAreaField } from "@/components/form/text-area-field";
import { useDraft } from "@/components/form/use-draft";
import { useSubmit } from "@/components/form/use-submit";
import { Field } from "@/components/ui/field";
import { overrideBudget, type Budget } from "@/features/budgets/api";
import { fromLocalInput, toLocalInput } from "@/lib/time-range/local-input";

interface Props {
  budget: Budget;
  onSaved: (budget: Budget) => void;
  onCancel: () => void;
}

/** Lets calls pass for a while, whatever is spent. */
export function OverrideForm({ budget, onSaved, onCancel }: Props) {
  const client = useQueryClient();
  const [draft, put] = useDraft({ until: toLocalInput(budget.period_end), reason: "" });
  const submit = useSubmit(
    () =>
      overrideBudget(budget.id, {
        until: untilOf(draft.until, budget.period_end),
        reason: draft.reason.trim(),
      }),
    (saved) => {
      void client.invalidateQueries({ queryKey: ["budgets"] });
      onSaved(saved);
    },
  );
  return (
    <form onSubmit={submit.onSubmit} className="flex flex-col gap-4">
      <Field
        label="Until"
        type="datetime-local"
        required
        max={toLocalInput(budget.period_end)}
        value={draft.until}
        onChange={(event) => put("until", event.target.value)}
        hint="In your time zone, at the latest the end of the period"
        problem={submit.about("until")}
      />
      <TextAreaField
        label="Reason"
        required
        maxLength={1000}
        value={draft.reason}
        onChange={(event) => put("reason", event.target.value)}
        hint="It stands in the audit log."
        problem={submit.about("reason")}
      />
      <FormProblem {...submit} fields={["until", "reason"]} />
      <FormEnd action="Let calls pass" busy={submit.busy} onCancel={onCancel} />
    </form>
  );
}

/** The input has minutes only: the end of the period is meant by its own minute. */
function untilOf(text: string, end: string): string {
  return text === toLocalInput(end) ? end : (fromLocalInput(text) ?? text);
}
