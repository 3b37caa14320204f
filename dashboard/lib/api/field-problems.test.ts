import { expect, test } from "vitest";
import { isStale, problemAt } from "./field-problems";
import { ApiError } from "./problem";

const refused = new ApiError(400, "validation_error", "Two things are wrong.", null, {
  fields: [
    { field: "name", code: "required", message: "must be given" },
    { field: "patterns.block.3", code: "format", message: "is no regular expression" },
  ],
});

test("a field says what is wrong with it", () => {
  expect(problemAt(refused, "name")).toBe("Must be given");
  expect(problemAt(refused, "nam")).toBeUndefined();
  expect(problemAt(null, "name")).toBeUndefined();
});

test("a list says which entry it is, counted as people count", () => {
  expect(problemAt(refused, "patterns.block")).toBe("Entry 4 is no regular expression");
});

test("a name that is taken is said beside it", () => {
  const taken = new ApiError(409, "conflict", "There is one of that name.", null, { field: "name" });
  expect(problemAt(taken, "name")).toBe("There is one of that name.");
  expect(problemAt(taken, "tools")).toBeUndefined();
});

test("a change of something outdated is told apart", () => {
  expect(isStale(new ApiError(412, "precondition_failed", "It is at version 3.", null))).toBe(true);
  expect(isStale(refused)).toBe(false);
});
