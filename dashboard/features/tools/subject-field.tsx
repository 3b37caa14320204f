"use client";

import { ListedField } from "@/components/form/listed-field";
import { PickerField } from "@/components/form/picker-field";
import type { Option } from "@/components/form/select-field";
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
  if (kind === "team") return <ListedField label="Which team" kind="team" {...field} />;
  return <PickerField label={kind === "user" ? "Which person" : "Which API key"} kind={kind} {...field} />;
}
