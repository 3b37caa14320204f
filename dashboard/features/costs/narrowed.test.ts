import { expect, it } from "vitest";
import { narrowedHref } from "./narrowed";
import { shareOf } from "./share";

const row = {
  avg_cost_per_request: "0",
  input_tokens: 0,
  output_tokens: 0,
  share: 1,
  total_cost: "0",
  total_requests: 1,
};

it("keeps the range and the other filters", () => {
  const share = shareOf.server({ ...row, mcp_server: "a&b" });
  expect(narrowedHref("/costs", "period=week&team_id=t", "server", share)).toBe(
    "/costs?period=week&team_id=t&mcp_server=a%26b&tab=tool",
  );
});

it("leads nowhere from what has no identity", () => {
  expect(narrowedHref("/costs", "", "team", shareOf.team({ ...row, team_id: null, team_name: null }))).toBe(
    null,
  );
});
