"use client";

import { Field } from "@/components/ui/field";
import type { FieldsProps } from "./about-fields";
import { LIMITS, type LimitsDraft } from "./limits";

export function LimitsFields({ draft, onChange, about }: FieldsProps<LimitsDraft>) {
  return LIMITS.map(({ name, fields }) => (
    <fieldset key={name} className="grid items-start gap-4 sm:grid-cols-2 xl:grid-cols-4">
      <legend className="mb-2 text-sm font-medium text-ink-2">{name}</legend>
      {fields.map(({ key, label, hint, min, max }) => (
        <Field
          key={key}
          label={label}
          hint={hint}
          type="number"
          required
          min={min}
          max={max}
          step={1}
          value={draft[key] ?? ""}
          onChange={(event) => onChange({ [key]: event.target.value })}
          problem={about(key)}
        />
      ))}
    </fieldset>
  ));
}
