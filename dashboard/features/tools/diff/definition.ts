// A tool's definition as it was approved and as it is now, part by part.
import { isRecord } from "@/lib/json-schema/json-schema";
import type { Tool } from "@/features/tools/api";
import { schemaRows, type SchemaRow } from "@/features/tools/schema/schema-rows";

export interface Definition {
  title: string;
  description: string;
  input: unknown;
  output: unknown;
  annotations: unknown;
}

export function currentOf(tool: Tool): Definition {
  return {
    title: tool.title ?? "",
    description: tool.description ?? "",
    input: tool.input_schema,
    output: tool.output_schema,
    annotations: tool.annotations,
  };
}

/** As the server showed it when it was approved; null if it never was. */
export function approvedOf(tool: Tool): Definition | null {
  const seen = tool.approved_definition as Record<string, unknown> | null;
  if (!seen) return null;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    title: text(seen.title),
    description: text(seen.description),
    input: seen.inputSchema ?? null,
    output: seen.outputSchema ?? null,
    annotations: seen.annotations ?? null,
  };
}

export interface RowChange {
  path: string;
  kind: "new" | "gone" | "changed";
  before?: SchemaRow;
  after?: SchemaRow;
}

/** The values that came, went or are something else now, in the order in which they stand. */
export function schemaChanges(before: unknown, after: unknown): RowChange[] {
  const old = new Map(schemaRows(before).map((row) => [row.path, row]));
  const changes: RowChange[] = [];
  for (const row of schemaRows(after)) {
    const was = old.get(row.path);
    old.delete(row.path);
    if (!was) changes.push({ path: row.path, kind: "new", after: row });
    else if (!sameJson(was, row)) changes.push({ path: row.path, kind: "changed", before: was, after: row });
  }
  for (const [path, row] of old) changes.push({ path, kind: "gone", before: row });
  return changes;
}

export function sameJson(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** With keys in order, so that another order of them is no difference. Nothing: an empty text. */
export function canonical(value: unknown): string {
  if (value === null || value === undefined) return "";
  return JSON.stringify(sorted(value), null, 2);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}
