import { expect, it } from "vitest";
import { contentOf, outcomeOf } from "./outcome";

it("tells results from errors of the tool", () => {
  expect(outcomeOf({ result: { content: [] } }, 200).kind).toBe("success");
  expect(outcomeOf({ result: { content: [], isError: true } }, 200).kind).toBe("tool_error");
  expect(outcomeOf({ result: { resultType: "input_required" } }, 200).kind).toBe("asks");
});

it("finds what the gateway refused, in a result or an error", () => {
  const refused = { code: "approval_required", message: "m", details: { approval_id: "a" }, request_id: "r" };
  const inBand = outcomeOf({ result: { isError: true, _meta: { "io.gatewayops/error": refused } } }, 200);
  expect(inBand).toMatchObject({ kind: "refused", refusal: { code: "approval_required", requestId: "r" } });
  const outside = outcomeOf(
    { error: { code: -31403, message: "no", data: { code: "origin_not_allowed" } } },
    403,
  );
  expect(outside).toMatchObject({ kind: "refused", refusal: { code: "origin_not_allowed", message: "no" } });
});

it("shows errors of a server, and what is no answer at all", () => {
  const error = { code: -32602, message: "Unknown tool" };
  expect(outcomeOf({ error }, 200)).toMatchObject({ kind: "failed", refusal: { code: "-32602" } });
  expect(outcomeOf("<html>", 502)).toMatchObject({ kind: "failed", refusal: { code: "502" } });
});

it("takes pieces that are pieces", () => {
  expect(contentOf({ content: [{ type: "text" }, 1, null] })).toEqual([{ type: "text" }]);
  expect(contentOf({})).toEqual([]);
});
