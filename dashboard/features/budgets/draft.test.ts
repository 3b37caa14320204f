import { expect, it } from "vitest";
import { draftOf, formOf, NEW_DRAFT } from "./draft";
import type { Budget } from "./api";

it("reads amounts and percentages as people write them", () => {
  const form = formOf({ ...NEW_DRAFT, amount: " $1,234.50", thresholds: "50%, 80;100 x" });
  expect(form.amount).toBe("1234.50");
  expect(form.alert_thresholds).toEqual([50, 80, 100, 0]);
});

it("has no scope's id for the organization", () => {
  expect(formOf({ ...NEW_DRAFT, scope_id: "left over" }).scope_id).toBeNull();
  expect(formOf({ ...NEW_DRAFT, scope_type: "team", scope_id: "t" }).scope_id).toBe("t");
});

it("writes an amount without zeros that say nothing", () => {
  const amounts = ["25.500000", "0.001000", "10.000000"].map(
    (amount) => draftOf({ amount, alert_thresholds: [] as number[], scope_id: null } as Budget).amount,
  );
  expect(amounts).toEqual(["25.50", "0.001", "10.00"]);
});
