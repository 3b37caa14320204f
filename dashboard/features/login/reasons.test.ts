import { expect, it } from "vitest";
import { reasonOf, UNKNOWN_REASON } from "./reasons";

it("has a sentence for what is known, and one for the rest", () => {
  expect(reasonOf("invalid_credentials")).toContain("password is wrong");
  for (const code of ["", "nonsense", "toString", "__proto__"]) expect(reasonOf(code)).toBe(UNKNOWN_REASON);
});
