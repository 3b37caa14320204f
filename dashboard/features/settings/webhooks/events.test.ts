import { expect, it } from "vitest";
import { coveredBy, EVENTS, FAMILIES, idleGlobs } from "./events";

it("knows what globs cover, and which cover nothing", () => {
  expect(coveredBy(["*"])).toEqual([...EVENTS]);
  expect(coveredBy(["tool.*", "tool.new"])).toEqual(["tool.new", "tool.changed"]);
  expect(idleGlobs(["tool.*", "alarm.*"])).toEqual(["alarm.*"]);
  expect(FAMILIES[0]).toBe("alert.*");
});
