import { expect, it } from "vitest";
import { ApiError } from "@/lib/api/problem";
import { problemAbout, problemsElsewhere } from "./problem-about";

const refused = new ApiError(400, "validation_error", "No.", null, {
  fields: [
    { field: "to.0", code: "format", message: "must be an address" },
    { field: "total", code: "unknown", message: "is not known" },
  ],
});

it("finds what is wrong in a field, and nothing of a name that begins alike", () => {
  expect(problemAbout(refused, "to")).toBe("Must be an address.");
  expect(problemAbout(refused, "tot")).toBeUndefined();
  expect(problemAbout(null, "to")).toBeUndefined();
});

it("tells of a taken name beside it", () => {
  const taken = new ApiError(409, "conflict", "The name is taken.", null, { field: "name" });
  expect(problemAbout(taken, "name")).toBe("The name is taken.");
});

it("keeps what no field of the form shows", () => {
  expect(problemsElsewhere(refused, ["to"])).toEqual(["total: is not known."]);
});
