import type { JsonSchema } from "@/lib/json-schema/json-schema";
import type { SchemaFieldProps } from "./schema-field";

/** The label of a field: its title where it has one, its name, and whether it must be there. */
export function labelOf({ schema, name, required }: Pick<SchemaFieldProps, "schema" | "name" | "required">) {
  const title = typeof schema.title === "string" && schema.title !== "" ? schema.title : null;
  return (
    <>
      {title ?? name}
      {title && title !== name && (
        <code className="ml-1.5 font-mono text-xs font-normal text-ink-3">{name}</code>
      )}
      {required ? (
        <span aria-hidden className="text-bad">
          {" *"}
        </span>
      ) : (
        <span className="ml-1.5 text-xs font-normal text-ink-3">optional</span>
      )}
    </>
  );
}

export function hintOf({ description }: JsonSchema): string | undefined {
  return typeof description === "string" ? description : undefined;
}
