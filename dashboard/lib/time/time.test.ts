import { describe, expect, it } from "vitest";
import {
  clockTime,
  dateAndTime,
  duration,
  exactTime,
  pointTime,
  relativeTime,
  spanOfTime,
  staysTrueFor,
} from "./time";

const NOW = Date.parse("2026-11-30T12:00:00.000Z");
const before = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

describe("relativeTime", () => {
  it.each([
    [0, "just now"],
    [4, "just now"],
    [42, "42 sec. ago"],
    [59.9, "59 sec. ago"],
    [60, "1 min. ago"],
    [3599, "59 min. ago"],
    [2 * 3600, "2 hr. ago"],
    [86_400, "yesterday"],
    [8 * 86_400, "8 days ago"],
    [70 * 86_400, "2 mo. ago"],
    [-7200, "in 2 hr."],
  ])("%s seconds: %s", (seconds, shown) => expect(relativeTime(before(seconds), NOW)).toBe(shown));

  it("is told anew more often the nearer it is", () => {
    expect(staysTrueFor(before(10), NOW)).toBeLessThan(staysTrueFor(before(600), NOW));
    expect(staysTrueFor(before(600), NOW)).toBeLessThan(staysTrueFor(before(86_400), NOW));
  });
});

describe("in the reader's zone", () => {
  const instant = "2026-11-30T23:53:38.120Z";
  it("may be another day there", () => {
    expect(clockTime(instant, "UTC")).toBe("Nov 30, 23:53:38");
    expect(clockTime(instant, "Asia/Tokyo")).toBe("Dec 1, 08:53:38");
  });
  it("says which zone that is", () => {
    expect(exactTime(instant, "UTC")).toBe("Nov 30, 2026, 23:53:38.120 UTC");
    expect(exactTime(instant, "Europe/Berlin")).toBe("Dec 1, 2026, 00:53:38.120 GMT+1");
  });
  it("has the year where it is far away", () => {
    expect(dateAndTime(instant, "Asia/Tokyo")).toBe("Dec 1, 2026, 08:53");
  });
  it("leaves days as the API counts them", () => {
    expect(pointTime("2026-11-30T00:00:00Z", 86_400_000, "America/New_York")).toBe("Nov 30");
    expect(pointTime(instant, 60_000, "UTC")).toBe("23:53");
    expect(pointTime(instant, 3_600_000, "UTC")).toBe("Nov 30, 23:53");
  });
  it("names ranges", () => {
    expect(spanOfTime("2026-11-23T12:00:00Z", "2026-11-30T12:00:00Z", "UTC")).toBe("Nov 23 – 30, 2026");
  });
});

it.each([
  [0, "0 ms"],
  [0.34, "340 µs"],
  [4.26, "4.3 ms"],
  [12, "12 ms"],
  [999.4, "999 ms"],
  [1240, "1.24 s"],
  [2000, "2 s"],
  [40_000, "40 s"],
  [12_400, "12.4 s"],
  [125_000, "2 min 05 s"],
  [3_720_000, "1 h 02 min"],
])("%s ms is %s", (ms, shown) => expect(duration(ms)).toBe(shown));
