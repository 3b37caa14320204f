"use client";

import { useState } from "react";
import { Field } from "@/components/ui/field";
import { hintOf, labelOf } from "./field-label";
import type { SchemaFieldProps } from "./schema-field";

/** What is typed stays as it is typed; what is no number is kept as a text, which is told to be wrong. */
export function NumberField(props: SchemaFieldProps) {
  const { schema, value, onChange, problems, path, required } = props;
  const [text, setText] = useState(() => textOf(value));
  // Changed from elsewhere, such as the JSON.
  if (read(text) !== value && textOf(value) !== text) setText(textOf(value));
  return (
    <Field
      label={labelOf(props)}
      hint={hintOf(schema)}
      problem={problems.get(path)}
      inputMode="decimal"
      autoComplete="off"
      aria-required={required}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onChange(read(event.target.value));
      }}
    />
  );
}

function read(text: string): unknown {
  if (text.trim() === "") return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

function textOf(value: unknown): string {
  return typeof value === "number" || typeof value === "string" ? String(value) : "";
}
