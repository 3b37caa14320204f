import { describe, expect, it } from "vitest";
import { addMoney, compareMoney, formatDrawnMoney, formatMoney, formatMoneyExactly, isZero } from "./money";

describe("formatMoney", () => {
  it.each([
    ["0", "$0.00"],
    ["0.000000", "$0.00"],
    ["1234567.894999", "$1,234,567.89"],
    ["1234567.895000", "$1,234,567.90"],
    ["0.999999", "$1.00"],
    ["0.994900", "$0.9949"],
    ["0.500000", "$0.50"],
    ["0.123400", "$0.1234"],
    ["0.009500", "$0.0095"],
    ["0.001000", "$0.001"],
    ["0.000001", "$0.000001"],
    ["0.0000004", "<$0.000001"],
    ["-12.500000", "−$12.50"],
    ["99999999999999999999.010000", "$99,999,999,999,999,999,999.01"],
  ])("%s is %s", (amount, shown) => expect(formatMoney(amount)).toBe(shown));

  it("refuses what is no amount", () => {
    for (const text of ["", "abc", "1e3", "1.", ".5", "NaN"])
      expect(() => formatMoney(text)).toThrow(TypeError);
  });
});

it("adds to the last digit", () => {
  expect(addMoney("0.1", "0.2")).toBe("0.300000");
  expect(addMoney("9007199254740993.000001", "0.000001")).toBe("9007199254740993.000002");
  expect(addMoney("1", "-1.5")).toBe("-0.500000");
  expect(addMoney()).toBe("0.000000");
});

it("rounds half to even, as the API does", () => {
  expect(addMoney("0.0000005")).toBe("0.000000");
  expect(addMoney("0.0000015")).toBe("0.000002");
});

it("compares by value, not by text", () => {
  expect(compareMoney("10.0", "9.999999")).toBe(1);
  expect(compareMoney("1.10", "1.1")).toBe(0);
  expect(compareMoney("-1", "0")).toBe(-1);
  expect(isZero("0.000000")).toBe(true);
});

it("shows every digit where it is asked to", () => {
  expect(formatMoneyExactly("1234.500000")).toBe("$1,234.500000");
});

it("names the amount of a length", () => {
  expect(formatDrawnMoney(0.1 + 0.2)).toBe("$0.30");
  expect(formatDrawnMoney(1500)).toBe("$1,500.00");
});
