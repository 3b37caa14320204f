"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { CheckField } from "@/components/form/check-field";
import { ChoicesField } from "@/components/form/choices-field";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { SelectField } from "@/components/form/select-field";
import { useDraft } from "@/components/form/use-draft";
import { useSubmit } from "@/components/form/use-submit";
import { Field } from "@/components/ui/field";
import { useDirectory } from "@/lib/directory/directory";
import { createBudget, updateBudget, type Budget } from "./api";
import { draftOf, formOf, NEW_DRAFT } from "./draft";
import { PERIOD_NAMES } from "./period-names";
import { ScopeFields } from "./scope-fields";

const FIELDS = ["name", "scope_type", "scope_id", "amount", "period", "alert_thresholds", "channel_ids"];

const PERIODS = (Object.keys(PERIOD_NAMES) as Budget["period"][]).map((value) => ({
  value,
  name: PERIOD_NAMES[value],
}));

interface Props {
  /** Nothing: a new one. */
  budget?: Budget;
  onSaved: (budget: Budget) => void;
  onCancel: () => void;
}

export function BudgetForm({ budget: loaded, onSaved, onCancel }: Props) {
  const client = useQueryClient();
  // What the form began with: the one that is loaded may be another's by the time it is saved.
  const [budget] = useState(loaded);
  const [draft, put] = useDraft(budget ? draftOf(budget) : NEW_DRAFT);
  const channels = useDirectory("channel");
  const submit = useSubmit(
    (version) => (budget ? updateBudget(budget.id, version, formOf(draft)) : createBudget(formOf(draft))),
    (saved) => {
      void client.invalidateQueries({ queryKey: ["budgets"] });
      onSaved(saved);
    },
    budget?.version,
  );
  const { about } = submit;

  return (
    <form onSubmit={submit.onSubmit} className="flex flex-col gap-4">
      <Field
        label="Name"
        required
        maxLength={100}
        value={draft.name}
        onChange={(event) => put("name", event.target.value)}
        problem={about("name")}
      />
      <ScopeFields draft={draft} put={put} about={about} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Amount in US dollars"
          required
          inputMode="decimal"
          placeholder="100.00"
          value={draft.amount}
          onChange={(event) => put("amount", event.target.value)}
          problem={about("amount")}
        />
        <SelectField
          label="In each period"
          value={draft.period}
          options={PERIODS}
          onChange={(period) => put("period", period)}
          hint="Of the UTC calendar; weeks begin on Monday"
          problem={about("period")}
        />
      </div>
      <Field
        label="Tell people at"
        value={draft.thresholds}
        onChange={(event) => put("thresholds", event.target.value)}
        hint="Percent of the amount, with commas between, from 1 to 200"
        problem={about("alert_thresholds")}
      />
      {channels.allowed && (
        <ChoicesField
          label="By these channels"
          hint="None: nobody is told, but the status shows it."
          chosen={draft.channel_ids}
          onChange={(ids) => put("channel_ids", ids)}
          options={channels.options}
          none="There are no alert channels yet."
          problem={about("channel_ids")}
        />
      )}
      <CheckField
        label="Stop calls once it is used up"
        hint="Calls are then refused until the next period, or until somebody overrides it."
        checked={draft.enforce}
        onChange={(enforce) => put("enforce", enforce)}
      />
      <CheckField
        label="On"
        hint="One that is off neither tells nor stops."
        checked={draft.enabled}
        onChange={(enabled) => put("enabled", enabled)}
      />
      <FormProblem {...submit} fields={FIELDS} onTakeTheirs={onTakeTheirs} />
      <FormEnd action={budget ? "Save" : "Make budget"} busy={submit.busy} onCancel={onCancel} />
    </form>
  );

  function onTakeTheirs() {
    void client.invalidateQueries({ queryKey: ["budgets"] });
    onCancel();
  }
}
