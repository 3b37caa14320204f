import type { AuditLog } from "@/features/audit/api";
import { diffLines, type DiffPart } from "@/lib/diff/diff";

export interface ChangedField {
  name: string;
  /** Short values, one beside the other; null: there was, or is, nothing. */
  short: { before: string | null; after: string | null } | null;
  /** Longer ones, line by line. */
  lines: DiffPart[];
}

/** What a change did to each field: `{field: {before, after}}`, as the API records it. */
export function changedFields(changes: AuditLog["changes"]): ChangedField[] {
  return Object.entries(changes as Record<string, unknown>).map(([name, change]) => {
    const { before, after } = isChange(change) ? change : { before: undefined, after: change };
    if (isShort(before) && isShort(after))
      return { name, short: { before: inShort(before), after: inShort(after) }, lines: [] };
    return { name, short: null, lines: diffLines(inFull(before), inFull(after)) };
  });
}

function isChange(value: unknown): value is { before?: unknown; after?: unknown } {
  return typeof value === "object" && value !== null && ("before" in value || "after" in value);
}

const LONGEST_SHORT = 120;

function isShort(value: unknown): boolean {
  if (typeof value === "string") return value.length <= LONGEST_SHORT && !value.includes("\n");
  if (Array.isArray(value)) return value.length === 0;
  return typeof value !== "object" || value === null || Object.keys(value).length === 0;
}

function inShort(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  // An empty text would not be seen.
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}

function inFull(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
