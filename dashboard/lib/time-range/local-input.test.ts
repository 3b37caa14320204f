import { expect, it } from "vitest";
import { fromLocalInput, toLocalInput } from "./local-input";

it("comes back as it went", () => {
  const instant = "2026-11-30T15:53:00.000Z";
  expect(fromLocalInput(toLocalInput(instant))).toBe(instant);
});

it("knows what is no instant", () => {
  for (const text of ["", null, "2026-13-45T99:99", "yesterday"]) expect(fromLocalInput(text)).toBeNull();
});
