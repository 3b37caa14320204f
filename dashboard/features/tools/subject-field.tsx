"use client";

import { PickerField } from "@/components/form/picker-field";
import { SelectField, type Option } from "@/components/form/select-field";
import { useDirectory } from "@/lib/directory/directory";
import { shortId } from "@/lib/short-id";
import type { Subject } from "./permissions/api";

/** Whom a permission can be about. */
export const SUBJECTS: Option<Subject>[] = [
  { value: "team", name: "Team" },
  { value: "user", name: "Person" },
  { value: "api_key", name: "API key" },
];

export function isSubject(text: string | undefined): text is Subject {
  return SUBJECTS.some(({ value }) => value === text);
}

interface Props {
  kind: Subject;
  /** The id; empty: none yet. */
  value: string;
  onChange: (id: string) => void;
  problem?: string;
}

/** Which team, person or key. */
export function SubjectField({ kind, ...field }: Props) {
  if (kind === "team") return <TeamField {...field} />;
  return <PickerField label={kind === "user" ? "Which person" : "Which API key"} kind={kind} {...field} />;
}

function TeamField({ value, onChange, problem }: Omit<Props, "kind">) {
  const { options = [], allowed } = useDirectory("team");
  // What is chosen is there even where it is gone, or the form would change it unasked.
  const isGone = value !== "" && !options.some((option) => option.value === value);
  return (
    <SelectField
      label="Which team"
      value={value}
      onChange={onChange}
      disabled={!allowed}
      placeholder="Choose a team"
      options={isGone ? [{ value, name: shortId(value) }, ...options] : options}
      hint={allowed ? undefined : "You may not list teams, so none can be chosen here."}
      problem={problem}
    />
  );
}
