import { expect, it } from "vitest";
import { dueOf } from "./due-of";

it("reads what would go, the most first", () => {
  const result = { deleted: { costs: 2, traces: 40 }, dropped: ["traces_20260801"], dry_run: true };
  expect(dueOf(result)).toEqual({
    rows: [
      { table: "traces", count: 40 },
      { table: "costs", count: 2 },
    ],
    partitions: ["traces_20260801"],
    isDry: true,
  });
  expect(dueOf(null)).toEqual({ rows: [], partitions: [], isDry: false });
});
