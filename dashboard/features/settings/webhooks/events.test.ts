import { expect, it } from "vitest";
import { coveredBy, EVENTS, FAMILIES, idleGlobs, matches } from "./events";

it("matches by stars alone", () => {
  expect(matches("alert.*", "alert.firing")).toBe(true);
  expect(matches("*.recovered", "server.recovered")).toBe(true);
  expect(matches("alert", "alert.firing")).toBe(false);
  expect(matches("alert?firing", "alert.firing")).toBe(false);
});

it("knows what globs cover, and which cover nothing", () => {
  expect(coveredBy(["*"])).toEqual([...EVENTS]);
  expect(coveredBy(["tool.*", "tool.new"])).toEqual(["tool.new", "tool.changed"]);
  expect(idleGlobs(["tool.*", "alarm.*"])).toEqual(["alarm.*"]);
  expect(FAMILIES[0]).toBe("alert.*");
});
