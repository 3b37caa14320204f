import { expect, it } from "vitest";
import { carryRange, nameRange, nameRangeBefore, readRange, writeRange } from "./time-range";

const read = (query: string) => readRange(new URLSearchParams(query));

it("reads a period or two instants", () => {
  expect(read("period=week")).toEqual({ period: "week" });
  expect(read("start_time=2026-11-01T00:00:00Z&end_time=2026-11-02T00:00:00Z")).toEqual({
    start_time: "2026-11-01T00:00:00.000Z",
    end_time: "2026-11-02T00:00:00.000Z",
  });
});

it("falls back to the default when the URL makes no sense", () => {
  const queries = [
    "",
    "period=century",
    "period=toString",
    "start_time=x&end_time=y",
    "start_time=2026-11-02T00:00:00Z&end_time=2026-11-01T00:00:00Z",
    "start_time=2026-11-02T00:00:00Z",
  ];
  for (const query of queries) expect(read(query)).toEqual({ period: "day" });
});

it("writes every parameter, so that the ones before go", () => {
  expect(writeRange({ period: "week" })).toEqual({ period: "week", start_time: null, end_time: null });
  expect(writeRange({ period: "day" }).period).toBeNull();
});

it("goes along to other pages, and nothing else does", () => {
  expect(carryRange("/traces", new URLSearchParams("period=week&q=x"))).toBe("/traces?period=week");
  expect(carryRange("/traces", new URLSearchParams("q=x"))).toBe("/traces");
});

it("has a name, and what was before it", () => {
  expect(nameRange({ period: "mtd" })).toBe("This month");
  expect(nameRangeBefore({ period: "day" })).toBe("the 24 hours before");
  expect(nameRange(read("start_time=2026-11-01T08:00:00Z&end_time=2026-11-01T10:00:00Z"), "UTC")).toBe(
    "Nov 1, 08:00 – 10:00",
  );
});
