"use client";

import { Button } from "@/components/ui/button";
import { isRecord, isRequired, propertiesOf } from "@/lib/json-schema/json-schema";
import { initial, withProperty } from "./model";
import { hintOf, labelOf } from "./field-label";
import { SchemaField, type SchemaFieldProps } from "./schema-field";

/** An object within the whole: its properties in a frame. One that is optional is given or not, as a whole. */
export function ObjectField(props: SchemaFieldProps) {
  const { schema, root, value, onChange, problems, path, required } = props;
  const hint = hintOf(schema);
  return (
    <fieldset className="min-w-0 rounded-lg border px-3 pt-1 pb-3">
      <legend className="px-1 text-sm font-medium">{labelOf(props)}</legend>
      {hint && <p className="mb-3 text-sm text-ink-3">{hint}</p>}
      {problems.get(path) && <p className="mb-3 text-sm text-bad">{problems.get(path)}</p>}
      {value === undefined ? (
        <Button size="small" onClick={() => onChange(initial(schema, root, true))}>
          Give it
        </Button>
      ) : (
        <div className="flex flex-col gap-4">
          <Properties {...props} />
          {!required && (
            <Button size="small" look="quiet" className="self-start" onClick={() => onChange(undefined)}>
              Leave it out
            </Button>
          )}
        </div>
      )}
    </fieldset>
  );
}

/** The properties alone, which is what the whole is drawn as. */
export function Properties({ schema, root, path, depth, value, onChange, problems }: SchemaFieldProps) {
  return propertiesOf(schema).map(([name, property]) => (
    <SchemaField
      key={name}
      name={name}
      schema={property}
      root={root}
      path={`${path}/${name}`}
      depth={depth + 1}
      required={isRequired(schema, name)}
      value={isRecord(value) ? value[name] : undefined}
      onChange={(next) => onChange(withProperty(value, name, next))}
      problems={problems}
    />
  ));
}
