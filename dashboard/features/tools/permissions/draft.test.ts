import { expect, it } from "vitest";
import type { Permission } from "./api";
import { draftOf, formOf, newDraft, patchOf, problemsOf, withRule } from "./draft";

const permission = {
  id: "p",
  subject_type: "user",
  subject_id: "u",
  mcp_server: "github",
  tool_name: "delete_*",
  effect: "allow",
  argument_rules: [
    { pointer: "/repo", op: "in", values: ["docs", 5] },
    { pointer: "/path", op: "prefix", values: ["/work/"] },
  ],
  max_uses_per_day: 20,
  expires_at: "2026-11-30T10:00:17.123Z",
  version: 3,
} as unknown as Permission;

it("changes nothing that nobody has touched", () => {
  expect(patchOf(permission, draftOf(permission))).toEqual({});
  expect(formOf(draftOf(permission), permission)).toMatchObject({
    argument_rules: permission.argument_rules,
    max_uses_per_day: 20,
    expires_at: permission.expires_at,
  });
});

it("sends what was changed, and null for what was emptied", () => {
  const draft = { ...draftOf(permission), max_uses_per_day: "", expires_at: "", tool_name: " * " };
  expect(patchOf(permission, draft)).toEqual({ max_uses_per_day: null, expires_at: null, tool_name: "*" });
});

it("lets a deny not be used up", () => {
  expect(patchOf(permission, { ...draftOf(permission), effect: "deny" })).toEqual({
    effect: "deny",
    max_uses_per_day: null,
  });
});

it("begins with the tool, and takes an argument by its name", () => {
  const draft = { ...newDraft({ mcp_server: "github", tool_name: "x" }), subject_id: "t" };
  expect(formOf(draft)).toEqual({
    subject_type: "team",
    subject_id: "t",
    mcp_server: "github",
    tool_name: "x",
    effect: "allow",
    argument_rules: [],
    max_uses_per_day: null,
    expires_at: null,
  });
  const [rule] = withRule([]);
  const rules = rule ? [{ ...rule, pointer: " options/0 ", values: "a\nb" }] : [];
  expect(formOf({ ...draft, argument_rules: rules }).argument_rules).toEqual([
    { pointer: "/options/0", op: "in", values: ["a", "b"] },
  ]);
});

it("tells rows apart, also after one is gone", () => {
  const [, second] = withRule(withRule([]));
  expect(second && withRule([second]).map(({ id }) => id)).toEqual([1, 2]);
});

it("knows what cannot be sent", () => {
  expect(problemsOf(draftOf(permission))).toEqual([]);
  const draft = newDraft({});
  const rules = [{ id: 0, pointer: "/id", op: "in" as const, values: "1\n9007199254740993" }];
  expect(problemsOf({ ...draft, argument_rules: rules }).map(({ field }) => field)).toEqual([
    "subject_id",
    "argument_rules.0.values.1",
  ]);
});
