"use client";

import { ListedField } from "@/components/form/listed-field";
import { PickerField } from "@/components/form/picker-field";
import { SelectField } from "@/components/form/select-field";
import { inSentence } from "@/lib/in-words";
import type { BudgetScope } from "./api";
import type { BudgetDraft } from "./draft";
import { isNarrow, SCOPES, type NarrowScope } from "./scope";

const OPTIONS = (Object.keys(SCOPES) as BudgetScope[]).map((value) => ({ value, name: SCOPES[value] }));

interface Props {
  draft: BudgetDraft;
  put: <Name extends keyof BudgetDraft>(name: Name, value: BudgetDraft[Name]) => void;
  about: (field: string) => string | undefined;
}

/** Whose costs count: everybody's, or those of one of them. */
export function ScopeFields({ draft, put, about }: Props) {
  const { scope_type: type } = draft;
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
      {isNarrow(type) && (
        <OneField
          kind={type}
          value={draft.scope_id}
          onChange={(id) => put("scope_id", id)}
          problem={about("scope_id")}
        />
      )}
    </div>
  );
}

interface OneProps {
  kind: NarrowScope;
  value: string;
  onChange: (id: string) => void;
  problem: string | undefined;
}

function OneField({ kind, ...field }: OneProps) {
  const label = `Which ${inSentence(SCOPES[kind])}`;
  if (kind === "team" || kind === "server") return <ListedField label={label} kind={kind} {...field} />;
  return <PickerField label={label} kind={kind} {...field} />;
}
