import { expect, it } from "vitest";
import { consequencesOf, ruleInWords, sentenceOf, type Terms } from "./sentence";

const terms: Terms = {
  subject_type: "team",
  mcp_server: "github",
  tool_name: "delete_*",
  effect: "allow",
  argument_rules: [],
  max_uses_per_day: null,
  expires_at: null,
};

const say = (changes: Partial<Terms>, name?: string) => sentenceOf({ ...terms, ...changes }, name, "UTC");

it("says who may call what, when, how often and how long", () => {
  const argument_rules: Terms["argument_rules"] = [
    { pointer: "/repo", op: "in", values: ["docs", "web"] },
    { pointer: "/options/0", op: "not_in", values: [5] },
  ];
  const limits = { max_uses_per_day: 20, expires_at: "2026-11-30T15:53:38.120Z" };
  expect(say({ argument_rules, ...limits }, "Payments")).toBe(
    "Members and keys of Payments may call github__delete_* when repo is “docs” or “web” and options.0 is not 5, together 20 times a day, until Nov 30, 2026, 15:53.",
  );
});

it("names patterns as people do", () => {
  const user = { subject_type: "user", max_uses_per_day: 1 } as const;
  expect(say({ ...user, mcp_server: "*", tool_name: "*" }, "ada@x.org")).toBe(
    "ada@x.org may call any tool of any server, once a day.",
  );
  expect(say({ effect: "deny", subject_type: "api_key", tool_name: "*" }, "ci")).toBe(
    "The API key ci may not call any tool of github.",
  );
  expect(say({ mcp_server: "*" })).toBe("Members and keys of the team may call delete_* of any server.");
  expect(say({ mcp_server: "", tool_name: "" })).toBe("Members and keys of the team may call …__….");
});

it.each([
  [{ pointer: "/path", op: "prefix", values: ["/work/", "/tmp/"] }, "path begins with “/work/” or “/tmp/”"],
  [{ pointer: "/a~1b", op: "eq", values: [null] }, "a/b is null"],
  [{ pointer: "/a", op: "not_in", values: ["x", "y", true] }, "a is neither “x”, “y” nor true"],
  [{ pointer: "/a", op: "glob", values: ["*.md"] }, "a fits “*.md”"],
  [{ pointer: "/a", op: "in", values: [1, 2, 3, 4, 5, 6, 7] }, "a is 1, 2, 3, 4 or 3 others"],
  [{ pointer: "", op: "in", values: [] }, "… is …"],
] as const)("%j", (rule, said) => expect(ruleInWords({ ...rule, values: [...rule.values] })).toBe(said));

it("says what else follows", () => {
  const rules: Terms["argument_rules"] = [{ pointer: "/a", op: "eq", values: [1] }];
  expect(consequencesOf(terms)).toHaveLength(1);
  expect(consequencesOf({ ...terms, argument_rules: rules, max_uses_per_day: 5 })).toHaveLength(3);
  expect(consequencesOf({ ...terms, effect: "deny", argument_rules: rules })).toHaveLength(2);
});
