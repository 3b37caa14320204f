import { describe, expect, it } from "vitest";
import { ApiError, asApiError, noAnswer, problemOf } from "./problem";

describe("problemOf", () => {
  it("reads the API's own errors", () => {
    const body = {
      error: {
        code: "validation_error",
        message: "threshold must be a number",
        details: { fields: [{ field: "threshold", code: "type", message: "must be a number" }] },
        request_id: "r-1",
      },
    };
    const problem = problemOf(400, body, null);
    expect(problem).toMatchObject({ status: 400, code: "validation_error", requestId: "r-1" });
    expect(problem.message).toBe("Threshold must be a number.");
    expect(problem.fields).toEqual([{ field: "threshold", code: "type", message: "must be a number" }]);
    expect(problem.isUnreachable).toBe(false);
  });

  it("takes what passes by itself for nobody being there, and nothing else", () => {
    const said = (code: string) => ({ error: { code, message: "no", details: {}, request_id: "r" } });
    expect(problemOf(503, said("unavailable"), null).isUnreachable).toBe(true);
    expect(problemOf(500, said("internal_error"), null).isUnreachable).toBe(false);
    expect(problemOf(504, said("query_timeout"), null).isUnreachable).toBe(false);
    expect(problemOf(502, "<html>", "r-2")).toMatchObject({ isUnreachable: true, requestId: "r-2" });
    expect(problemOf(418, null, null).isUnreachable).toBe(false);
    const neverSetUp = { code: "unavailable", message: "no", details: { setting: "BACKUP_URL" } };
    expect(problemOf(503, { error: neverSetUp }, null).isUnreachable).toBe(false);
  });
});

it("knows nobody when nothing came back", () => {
  expect(noAnswer().isUnreachable).toBe(true);
});

it("makes any failure one of ours", () => {
  expect(asApiError(new TypeError("x"))).toBeInstanceOf(ApiError);
  expect(asApiError("text").message).toBe("text");
});
