"use client";

import { Plus, Trash2 } from "lucide-react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { asSchema } from "@/lib/json-schema/json-schema";
import { initial } from "./model";
import { hintOf, labelOf } from "./field-label";
import { SchemaField, type SchemaFieldProps } from "./schema-field";

/** A list: its items one below the other. */
export function ArrayField(props: SchemaFieldProps) {
  const { schema, root, value, onChange, problems, path, depth, required } = props;
  const items: unknown[] = Array.isArray(value) ? value : [];
  const item = asSchema(schema.items);
  const hint = hintOf(schema);
  const most = typeof schema.maxItems === "number" ? schema.maxItems : Infinity;

  function remove(gone: number) {
    const rest = items.filter((_, at) => at !== gone);
    onChange(rest.length === 0 && !required ? undefined : rest);
  }
  return (
    <fieldset className="min-w-0 rounded-lg border px-3 pt-1 pb-3">
      <legend className="px-1 text-sm font-medium">{labelOf(props)}</legend>
      {hint && <p className="mb-3 text-sm text-ink-3">{hint}</p>}
      {problems.get(path) && <p className="mb-3 text-sm text-bad">{problems.get(path)}</p>}
      <ol className="flex flex-col gap-3">
        {items.map((one, at) => (
          <li key={at} className="flex items-start gap-2">
            <div className="min-w-0 grow">
              <SchemaField
                name={`Item ${at + 1}`}
                schema={item}
                root={root}
                path={`${path}/${at}`}
                depth={depth + 1}
                required
                value={one === EMPTY ? undefined : one}
                onChange={(next) =>
                  onChange(items.map((old, place) => (place === at ? (next ?? EMPTY) : old)))
                }
                problems={problems}
              />
            </div>
            <IconButton label={`Take item ${at + 1} away`} className="mt-6" onClick={() => remove(at)}>
              <Trash2 aria-hidden />
            </IconButton>
          </li>
        ))}
      </ol>
      <Button
        size="small"
        className="mt-3"
        disabled={items.length >= most}
        onClick={() => onChange([...items, initial(item, root, true) ?? EMPTY])}
      >
        <Plus aria-hidden />
        Add an item
      </Button>
    </fieldset>
  );
}

/** An item that is not filled in yet: told to be wrong unless null is allowed. */
const EMPTY = null;
