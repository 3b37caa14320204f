"use client";

import { useDirectory } from "@/lib/directory/directory";
import { nounOf, type ListedKind } from "@/lib/directory/kinds";
import { inSentence } from "@/lib/in-words";
import { SelectField } from "./select-field";

interface Props {
  label: string;
  kind: ListedKind;
  hint?: string;
  problem?: string;
  /** The id of what is chosen; empty: nothing yet. */
  value: string;
  onChange: (id: string) => void;
}

/** One of those that there are few of. Who may not list them sees what is chosen and cannot choose another. */
export function ListedField({ kind, hint, value, ...field }: Props) {
  const { options, allowed, nameOf } = useDirectory(kind);
  // What is chosen is there even where it is gone, or the form would change it unasked.
  const isGone = value !== "" && !options?.some((one) => one.value === value);
  return (
    <SelectField
      required
      disabled={!allowed}
      value={value}
      placeholder={options || !allowed ? `Choose a ${inSentence(nounOf(kind))}` : "Loading …"}
      options={[...(isGone ? [{ value, name: nameOf(value) }] : []), ...(options ?? [])]}
      hint={allowed ? hint : "You may not list these, so none can be chosen here."}
      {...field}
    />
  );
}
