"use client";

import { useState } from "react";
import { SelectField } from "@/components/form/select-field";
import { resolved, type JsonSchema } from "@/lib/json-schema/json-schema";
import { initial, waysOf, wayOf } from "./model";
import { hintOf, labelOf } from "./field-label";
import { SchemaField, type SchemaFieldProps } from "./schema-field";

/** One of several forms: which one, and then that one. */
export function VariantField(props: SchemaFieldProps) {
  const { schema, root, value, onChange, path, depth, required, problems } = props;
  const ways = waysOf(schema).map((way) => resolved(way, root));
  const [chosen, setChosen] = useState(() =>
    value === undefined && !required ? -1 : wayOf(ways, value, root),
  );
  const way = ways[chosen];

  function choose(next: number) {
    setChosen(next);
    const way = ways[next];
    onChange(way && initial(way, root, true));
  }
  return (
    <div className="flex flex-col gap-3 border-l-2 pl-3">
      <SelectField
        label={labelOf(props)}
        hint={hintOf(schema)}
        problem={way ? undefined : problems.get(path)}
        aria-required={required}
        options={[
          ...(required ? [] : [{ value: "-1", name: "Not given" }]),
          ...ways.map((one, at) => ({ value: String(at), name: nameOf(one, at) })),
        ]}
        value={String(chosen)}
        onChange={(at) => choose(Number(at))}
      />
      {way && (
        <SchemaField
          key={chosen}
          name={nameOf(way, chosen)}
          schema={way}
          root={root}
          path={path}
          depth={depth + 1}
          required
          value={value}
          onChange={onChange}
          problems={problems}
        />
      )}
    </div>
  );
}

function nameOf(way: JsonSchema, at: number): string {
  if (typeof way.title === "string" && way.title) return way.title;
  const type = typeof way.type === "string" ? way.type : null;
  if (type && type !== "object") return type;
  const [first] = Object.keys(way.properties ?? {});
  return first ? `With ${first}` : `Way ${at + 1}`;
}
