import { expect, it } from "vitest";
import { paramsOf } from "./params";

it("gives each type of job what it takes, and nothing more", () => {
  const given = { isDry: false, from: "2026-11-01", until: "" };
  expect(paramsOf("retention", given)).toEqual({ dry_run: false });
  expect(paramsOf("backup", given)).toEqual({});
  expect(paramsOf("rollup_backfill", given)).toEqual({ start_time: "2026-11-01T00:00:00.000Z" });
  expect(paramsOf("rollup_backfill", { ...given, until: "2026-11-03" }).end_time).toBe(
    "2026-11-03T00:00:00.000Z",
  );
});
