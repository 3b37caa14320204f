import { expect, test } from "vitest";
import { ApiError } from "./problem";
import { problemAbout, problemsElsewhere } from "./problem-about";

const fields = [
  { field: "amount", message: "must be more than 0" },
  { field: "patterns.block.3", message: "is no regular expression" },
  { field: "auth.token_url", message: "must be a URL." },
];
const refused = new ApiError(400, "validation_error", "No.", null, { fields });

test("a field is told what is wrong with it, and with which of its entries", () => {
  expect(problemAbout(refused, "amount")).toBe("Must be more than 0.");
  expect(problemAbout(refused, "patterns.block")).toBe("Entry 4 is no regular expression.");
  expect(problemAbout(refused, "auth")).toBe("Must be a URL.");
  expect(problemAbout(refused, "amoun")).toBeUndefined();
  expect(problemAbout(null, "amount")).toBeUndefined();
});

test("a name that is taken is told beside the name", () => {
  const taken = new ApiError(409, "conflict", "There is one of that name.", null, { field: "name" });
  expect(problemAbout(taken, "name")).toBe("There is one of that name.");
  expect(problemAbout(taken, "tools")).toBeUndefined();
});

test("what no field of the form shows is told above it", () => {
  expect(problemsElsewhere(refused, ["amount", "patterns.block"])).toEqual([
    "`auth.token_url` must be a URL.",
  ]);
});
