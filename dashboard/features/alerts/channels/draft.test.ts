import { expect, it } from "vitest";
import type { Channel } from "./api";
import { draftOf, formOf, headersOf, NEW_DRAFT, patchOf } from "./draft";

const channel = {
  name: "Ops",
  type: "webhook",
  min_severity: "warning",
  send_resolved: true,
  enabled: true,
  config: { url: "https://example.com/hook", headers_set: true, secret_set: true },
} as Channel;

it("sends the fields of the type alone", () => {
  const draft = { ...NEW_DRAFT, name: " Ops ", secrets: { webhook_url: "https://x", secret: "left over" } };
  expect(formOf({ ...draft, channel: "#ops" }).config).toEqual({ webhook_url: "https://x", channel: "#ops" });
  expect(formOf({ ...draft, type: "email", to: "a@b.c\nd@e.f" }).config).toEqual({ to: ["a@b.c", "d@e.f"] });
  expect(formOf({ ...draft, type: "pagerduty" })).toMatchObject({ name: "Ops", config: {} });
});

it("keeps secrets that nobody has written anew, and drops those that shall go", () => {
  expect(patchOf(draftOf(channel), channel)).toEqual({});
  expect(patchOf({ ...draftOf(channel), dropped: ["secret"] }, channel)).toEqual({
    config: { secret: null },
  });
  expect(patchOf({ ...draftOf(channel), dropsHeaders: true, headers: "a: b" }, channel)).toEqual({
    config: { headers: null },
  });
  expect(patchOf({ ...draftOf(channel), secrets: { secret: "new" }, enabled: false }, channel)).toEqual({
    enabled: false,
    config: { secret: "new" },
  });
});

it("reads headers line by line, with colons in their values", () => {
  expect(headersOf("X-Token: a:b\n\nbare")).toEqual({ "X-Token": "a:b", bare: "" });
});
