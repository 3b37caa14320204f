"use client";

import { SelectField } from "@/components/form/select-field";
import { useDirectory } from "@/lib/directory/directory";
import type { BudgetScope } from "./api";
import type { BudgetDraft } from "./draft";
import { isNarrow, SCOPES } from "./scope";

const OPTIONS = (Object.keys(SCOPES) as BudgetScope[]).map((value) => ({ value, name: SCOPES[value] }));

interface Props {
  draft: BudgetDraft;
  put: <Name extends keyof BudgetDraft>(name: Name, value: BudgetDraft[Name]) => void;
  about: (field: string) => string | undefined;
}

/** Whose costs count: everybody's, or those of one of them. */
export function ScopeFields({ draft, put, about }: Props) {
  const { scope_type: type } = draft;
  const narrow = isNarrow(type);
  const directory = useDirectory(narrow ? type : "team", narrow);
  const noun = SCOPES[type].toLowerCase();
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label="For"
        value={type}
        options={OPTIONS}
        onChange={(next) => {
          put("scope_type", next);
          put("scope_id", "");
        }}
        problem={about("scope_type")}
      />
      {narrow && (
        <SelectField
          label={`Which ${noun}`}
          required
          value={draft.scope_id}
          placeholder={directory.all || !directory.allowed ? "Choose …" : "Loading …"}
          options={optionsOf(directory.all ?? [], draft.scope_id)}
          onChange={(id) => put("scope_id", id)}
          problem={about("scope_id")}
          hint={directory.allowed ? undefined : `You may not list these, so none can be chosen here.`}
        />
      )}
    </div>
  );
}

/** What is chosen is there even where it is gone, or the form would change it unasked. */
function optionsOf(all: readonly { id: string; name: string }[], chosen: string) {
  const options = all.map(({ id, name }) => ({ value: id, name }));
  if (!chosen || all.some(({ id }) => id === chosen)) return options;
  return [{ value: chosen, name: `${chosen.slice(0, 8)}…` }, ...options];
}
