import { expect, it } from "vitest";
import { bytes, change, count, percent, plural, shortCount } from "./number";

it("writes counts", () => {
  expect(count(1234567)).toBe("1,234,567");
  expect(shortCount(9999)).toBe("9,999");
  expect(shortCount(15_783)).toBe("15.8K");
  expect(plural(1, "call")).toBe("1 call");
  expect(plural(0, "call")).toBe("0 calls");
});

it.each([
  [0, "0%"],
  [0.00001, "<0.01%"],
  [0.0002, "0.02%"],
  [0.0541, "5.41%"],
  [0.055, "5.50%"],
  [0.25, "25%"],
  [0.1234, "12.3%"],
  [1, "100%"],
])("%s is %s", (fraction, shown) => expect(percent(fraction)).toBe(shown));

it.each([
  [0, "±0%"],
  [0.05, "+5%"],
  [-0.034, "−3.4%"],
  [0.5, "+50%"],
  [6.9, "×7.9"],
  [-1, "−100%"],
])("a change by %s is %s", (ratio, shown) => expect(change(ratio)).toBe(shown));

it("writes sizes", () => {
  expect(bytes(43)).toBe("43 B");
  expect(bytes(1536)).toBe("1.5 KiB");
  expect(bytes(10 * 1024 * 1024)).toBe("10 MiB");
});
