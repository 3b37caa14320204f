import { expect, test } from "vitest";
import { covers } from "./covers";

test("a star is any run of characters, and nothing else is special", () => {
  expect(covers(["*"], "github")).toBe(true);
  expect(covers(["git*"], "github")).toBe(true);
  expect(covers(["files", "g*b"], "github")).toBe(true);
  expect(covers(["g.thub"], "github")).toBe(false);
  expect(covers(["git"], "github")).toBe(false);
  expect(covers([], "github")).toBe(false);
});
