import { expect, test } from "vitest";
import { changesOf, formOf, NEW_DRAFT } from "./draft";

test("names are parted by lines and commas, patterns by lines alone", () => {
  const form = formOf({ ...NEW_DRAFT, name: " mine ", tools: "a, b\n\nc_*\n", block: "x{1,2} \n\n y" });
  expect(form.name).toBe("mine");
  expect(form.tools).toEqual(["a", "b", "c_*"]);
  expect(form.patterns).toEqual({ block: ["x{1,2} ", " y"], allow: [] });
});

test("a change says only what is different", () => {
  const before = { ...NEW_DRAFT, name: "mine" };
  expect(changesOf(before, before)).toEqual({});
  expect(changesOf(before, { ...before, mode: "warn", allow: "ok" })).toEqual({
    mode: "warn",
    patterns: { block: [], allow: ["ok"] },
  });
});
