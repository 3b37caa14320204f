import { expect, it } from "vitest";
import type { Silence } from "./api";
import { draftOf, formOf, newDraft, standingOf } from "./draft";

const silence = {
  rule_ids: ["a"],
  severities: ["info"],
  mcp_servers: [],
  starts_at: "2026-11-30T10:00:17.123Z",
  ends_at: "2026-11-30T12:00:17.123Z",
  reason: "Maintenance",
} as unknown as Silence;

it("keeps times to the second that nobody has touched", () => {
  expect(formOf(draftOf(silence), silence)).toMatchObject({
    starts_at: silence.starts_at,
    ends_at: silence.ends_at,
  });
  const later = { ...draftOf(silence), ends_at: "2026-12-01T00:00" };
  expect(formOf(later, silence).ends_at).toBe(new Date("2026-12-01T00:00").toISOString());
});

it("begins now and lasts two hours unless one says otherwise", () => {
  const form = formOf({ ...newDraft(Date.parse("2026-11-30T10:00:00Z"), "rule"), reason: " Works " });
  expect(form).toMatchObject({
    rule_ids: ["rule"],
    starts_at: null,
    ends_at: "2026-11-30T12:00:00.000Z",
    reason: "Works",
  });
});

it("knows whether it holds", () => {
  const at = (time: string) => standingOf(silence, Date.parse(time));
  expect(at("2026-11-30T09:00:00Z")).toBe("planned");
  expect(at("2026-11-30T11:00:00Z")).toBe("active");
  expect(at("2026-11-30T12:00:17.123Z")).toBe("over");
});
