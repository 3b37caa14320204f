import { expect, it } from "vitest";
import type { Rule } from "./api";
import { draftOf, formOf, NEW_DRAFT, previewable } from "./draft";

it("sends what it was given back as it was", () => {
  const form = {
    ...formOf(NEW_DRAFT),
    name: "Errors",
    renotify_minutes: 30,
    filters: {
      mcp_servers: ["a"],
      tool_names: ["x", "y"],
      team_ids: [],
      api_key_ids: [],
      environments: ["prd" as const],
    },
  };
  expect(formOf(draftOf(form as unknown as Rule))).toEqual(form);
});

it("tries only what has its numbers, whatever it is called", () => {
  expect(previewable(NEW_DRAFT)?.threshold).toBe(0.05);
  expect(previewable({ ...NEW_DRAFT, threshold: "" })).toBeNull();
  expect(previewable({ ...NEW_DRAFT, window_minutes: "five" })).toBeNull();
  expect(previewable({ ...NEW_DRAFT, name: "a" })).toEqual(previewable({ ...NEW_DRAFT, name: "b" }));
});
