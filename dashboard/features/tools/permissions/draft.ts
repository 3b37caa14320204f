import type { FieldProblem } from "@/lib/api/problem";
import { changedOf } from "@/lib/form/changed";
import { fromLocalInput, toLocalInput } from "@/lib/time-range/local-input";
import type { ArgumentRule, Permission, PermissionForm, PermissionPatch, Subject } from "./api";
import { readValues, writeValues } from "./rule-values";

/** A rule about an argument as it is written: a value on each line. */
export interface RuleDraft {
  /** Tells the rows of the form apart. */
  id: number;
  pointer: string;
  op: ArgumentRule["op"];
  values: string;
}

/** A permission as it is written in the form: numbers and times are texts until they are sent. */
export interface PermissionDraft {
  subject_type: Subject;
  subject_id: string;
  mcp_server: string;
  tool_name: string;
  effect: Permission["effect"];
  argument_rules: RuleDraft[];
  /** Empty: any number. */
  max_uses_per_day: string;
  /** As an input holds it. Empty: never. */
  expires_at: string;
}

export function newDraft(about: { mcp_server?: string; tool_name?: string }): PermissionDraft {
  return {
    subject_type: "team",
    subject_id: "",
    mcp_server: about.mcp_server ?? "",
    tool_name: about.tool_name ?? "",
    effect: "allow",
    argument_rules: [],
    max_uses_per_day: "",
    expires_at: "",
  };
}

export function draftOf(permission: Permission): PermissionDraft {
  const { subject_type, subject_id, mcp_server, tool_name, effect, max_uses_per_day, expires_at } =
    permission;
  return {
    ...{ subject_type, subject_id, mcp_server, tool_name, effect },
    argument_rules: permission.argument_rules.map((rule, id) => ({
      id,
      pointer: rule.pointer,
      op: rule.op,
      values: writeValues(rule),
    })),
    max_uses_per_day: max_uses_per_day === null ? "" : String(max_uses_per_day),
    expires_at: expires_at === null ? "" : toLocalInput(expires_at),
  };
}

export function withRule(rules: readonly RuleDraft[]): RuleDraft[] {
  const id = Math.max(-1, ...rules.map((rule) => rule.id)) + 1;
  return [...rules, { id, pointer: "", op: "in", values: "" }];
}

/** What is sent. A time that nobody has touched stays to the second, which an input does not hold. */
export function formOf(draft: PermissionDraft, before?: Pick<Permission, "expires_at">): PermissionForm {
  const { subject_type, subject_id, effect, max_uses_per_day: uses } = draft;
  return {
    ...{ subject_type, subject_id, effect },
    mcp_server: draft.mcp_server.trim(),
    tool_name: draft.tool_name.trim(),
    argument_rules: draft.argument_rules.map(({ pointer, op, values }) => ({
      pointer: asPointer(pointer),
      op,
      values: readValues(values, op),
    })),
    // Only an allow is used up.
    max_uses_per_day: effect === "deny" || uses.trim() === "" ? null : Number(uses),
    expires_at: expiryOf(draft.expires_at, before?.expires_at ?? null),
  };
}

/** Only what differs from what was read. */
export function patchOf(before: Permission, draft: PermissionDraft): PermissionPatch {
  return changedOf(formOf(draftOf(before), before), formOf(draft, before));
}

/** What cannot be sent at all, in the words of the API's own problems. */
export function problemsOf(draft: PermissionDraft): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (draft.subject_id === "")
    problems.push({ field: "subject_id", code: "required", message: "has to be chosen" });
  formOf(draft).argument_rules.forEach(({ values }, rule) =>
    values.forEach((value, at) => {
      if (value !== undefined) return;
      const message = "is a number with more digits than a browser keeps; within quotes it is a text";
      problems.push({ field: `argument_rules.${rule}.values.${at}`, code: "range", message });
    }),
  );
  return problems;
}

/** `repo` for `/repo`: no pointer begins otherwise. */
function asPointer(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || trimmed.startsWith("/") ? trimmed : `/${trimmed}`;
}

function expiryOf(text: string, before: string | null): string | null {
  if (text === "") return null;
  if (before !== null && text === toLocalInput(before)) return before;
  return fromLocalInput(text) ?? text;
}
