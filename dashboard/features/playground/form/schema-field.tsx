"use client";

import { SelectField } from "@/components/form/select-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { CheckField } from "@/components/form/check-field";
import { Field } from "@/components/ui/field";
import { valuesIn, type JsonSchema } from "@/lib/json-schema/json-schema";
import { ArrayField } from "./array-field";
import { hintOf, labelOf } from "./field-label";
import { JsonField } from "./json-field";
import { drawn, kindOf } from "./model";
import { NumberField } from "./number-field";
import { ObjectField } from "./object-field";
import { VariantField } from "./variant-field";

export interface SchemaFieldProps {
  /** What it is called where its schema has no title. */
  name: string;
  schema: JsonSchema;
  root: JsonSchema;
  /** Where it is in the whole: `/filter/tags/0`. */
  path: string;
  depth: number;
  required: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
  problems: ReadonlyMap<string, string>;
}

/** One value, drawn as its schema says. */
export function SchemaField(props: SchemaFieldProps) {
  const schema = drawn(props.schema, props.root);
  const inner = { ...props, schema };
  switch (kindOf(schema, props.depth)) {
    case "object":
      return <ObjectField {...inner} />;
    case "array":
      return <ArrayField {...inner} />;
    case "variants":
      return <VariantField {...inner} />;
    case "number":
      return <NumberField {...inner} />;
    case "fixed":
    case "choice":
      return <ChoiceField {...inner} />;
    case "boolean":
      return <BooleanField {...inner} />;
    case "text":
      return <TextField {...inner} />;
    case "json":
      return <JsonField {...inner} />;
  }
}

const TYPES: Record<string, string> = { email: "email", uri: "url", date: "date" };
const SHORT = 120;

function TextField(props: SchemaFieldProps) {
  const { schema, value, onChange, problems, path, required } = props;
  const common = {
    label: labelOf(props),
    hint: hintOf(schema),
    problem: problems.get(path),
    value: typeof value === "string" ? value : "",
    "aria-required": required,
  };
  // Emptied, it is not given; one that is required may be empty.
  const change = (text: string) => onChange(text === "" && !required ? undefined : text);
  const type = TYPES[typeof schema.format === "string" ? schema.format : ""];
  const short = typeof schema.maxLength === "number" && schema.maxLength <= SHORT;
  if (type || short || schema.format !== undefined) {
    return (
      <Field
        {...common}
        type={type ?? "text"}
        autoComplete="off"
        onChange={(event) => change(event.target.value)}
      />
    );
  }
  return (
    <TextAreaField
      {...common}
      rows={1}
      className="[&_textarea]:field-sizing-content [&_textarea]:max-h-80 [&_textarea]:min-h-8"
      onChange={(event) => change(event.target.value)}
    />
  );
}

function ChoiceField(props: SchemaFieldProps) {
  const { schema, value, onChange, problems, path, required } = props;
  const values = valuesIn(schema) ?? [];
  const at = values.findIndex((one) => JSON.stringify(one) === JSON.stringify(value));
  return (
    <SelectField
      label={labelOf(props)}
      hint={hintOf(schema)}
      problem={problems.get(path)}
      aria-required={required}
      options={[
        { value: "-1", name: required ? "Choose …" : "Not given" },
        ...values.map((one, at) => ({
          value: String(at),
          name: typeof one === "string" && one !== "" ? one : JSON.stringify(one),
        })),
      ]}
      value={String(at)}
      onChange={(at) => onChange(at === "-1" ? undefined : values[Number(at)])}
    />
  );
}

function BooleanField(props: SchemaFieldProps) {
  const { schema, value, onChange, problems, path, required } = props;
  if (required) {
    return (
      <CheckField
        label={labelOf(props)}
        hint={hintOf(schema)}
        problem={problems.get(path)}
        checked={value === true}
        onChange={onChange}
      />
    );
  }
  return (
    <SelectField
      label={labelOf(props)}
      hint={hintOf(schema)}
      problem={problems.get(path)}
      options={[
        { value: "", name: "Not given" },
        { value: "true", name: "Yes" },
        { value: "false", name: "No" },
      ]}
      value={typeof value === "boolean" ? String(value) : ""}
      onChange={(chosen) => onChange(chosen === "" ? undefined : chosen === "true")}
    />
  );
}
