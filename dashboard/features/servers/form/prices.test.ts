import { expect, it } from "vitest";
import { changeTool, pricingBody, pricingOf, withoutTool, withTool } from "./prices";

const saved = { per_call: "0.001000", per_input_token: "0.000000", per_output_token: "10.000000", tools: [] };

it("shows prices without idle zeros, and takes nothing from them", () => {
  const draft = pricingOf(saved);
  expect(draft).toMatchObject({ per_call: "0.001", per_input_token: "0", per_output_token: "10" });
  expect(pricingBody({ ...draft, per_call: " 0.000000000001 " }).per_call).toBe("0.000000000001");
});

it("adds, changes and takes away prices of tools", () => {
  const one = changeTool(withTool(pricingOf(saved)), 0, { tool_name: "search_*", per_call: "0.5" });
  expect(pricingBody(one).tools).toEqual([
    { tool_name: "search_*", per_call: "0.5", per_input_token: "0", per_output_token: "0" },
  ]);
  expect(withoutTool(one, 0).tools).toEqual([]);
});
