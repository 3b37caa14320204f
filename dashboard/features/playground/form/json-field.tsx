"use client";

import { useState } from "react";
import { TextAreaField } from "@/components/form/text-area-field";
import { readJson, type Read } from "@/lib/json/read-json";
import { hintOf, labelOf } from "./field-label";
import type { SchemaFieldProps } from "./schema-field";

/** A value of any form, typed as JSON. While it is none, the form is not sent. */
export function JsonField(props: SchemaFieldProps) {
  const { schema, value, onChange, problems, path, required } = props;
  const [text, setText] = useState(() => textOf(value));
  const [broken, setBroken] = useState(false);
  if (!broken && !same(text, value)) setText(textOf(value));
  const note = hintOf(schema);
  return (
    <TextAreaField
      code
      rows={2}
      label={labelOf(props)}
      hint={note ? `${note} (JSON)` : "JSON"}
      problem={broken ? "This is no JSON." : problems.get(path)}
      aria-required={required}
      className="[&_textarea]:field-sizing-content [&_textarea]:max-h-80"
      ref={(area) => area?.setCustomValidity(broken ? "This is no JSON." : "")}
      value={text}
      onChange={(event) => {
        const typed = event.target.value;
        setText(typed);
        const { value: next, problem } = read(typed);
        setBroken(problem !== undefined);
        onChange(next);
      }}
    />
  );
}

/** Nothing typed is no value. */
function read(text: string): Read<unknown> {
  return text.trim() === "" ? { value: undefined } : readJson(text);
}

function same(text: string, value: unknown): boolean {
  return JSON.stringify(read(text).value) === JSON.stringify(value);
}

function textOf(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value, null, 2);
}
