import { expect, it } from "vitest";
import { ApiError } from "./problem";
import { problemAbout } from "./problem-about";

it("finds what is said of a field", () => {
  const fields = [
    { field: "auth.token", code: "required", message: "is missing" },
    { field: "tags.0", code: "length", message: "must be shorter" },
  ];
  const about = problemAbout(new ApiError(400, "validation_error", "No.", null, { fields }));
  expect(about("auth.token")).toBe("It is missing.");
  expect(about("tags")).toBe("It must be shorter.");
  expect(about("auth")).toBe("It is missing.");
  expect(about("name")).toBeUndefined();
});

it("knows a name that is taken", () => {
  const about = problemAbout(new ApiError(409, "conflict", "The name is taken.", null, { field: "name" }));
  expect(about("name")).toBe("The name is taken.");
  expect(problemAbout(null)("name")).toBeUndefined();
});
