import { expect, test } from "vitest";
import { asWritten } from "./as-written";

test("JSON is written without spaces and with its names in order", () => {
  expect(asWritten({ b: [1, "x\n", null], a: { d: true, c: {} } })).toBe(
    '{"a":{"c":{},"d":true},"b":[1,"x\\n",null]}',
  );
});

test("names are ordered as their bytes are", () => {
  expect(asWritten({ "\u{1F600}": 1, "\uFF5E": 2, aa: 3, a: 4 })).toBe(
    '{"a":4,"aa":3,"\uFF5E":2,"\u{1F600}":1}',
  );
});

test("where numbers may be written otherwise nothing is said", () => {
  expect(asWritten({ a: [1.5] })).toBeNull();
  expect(asWritten(2 ** 53)).toBeNull();
});
