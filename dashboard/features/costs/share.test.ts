import { expect, it } from "vitest";
import { shareOf } from "./share";

const sums = {
  avg_cost_per_request: "0.1",
  input_tokens: 1,
  output_tokens: 2,
  share: 0.5,
  total_cost: "1.000000",
  total_requests: 10,
};

it("leads from a group to its own costs", () => {
  expect(shareOf.tool({ ...sums, mcp_server: "github", tool_name: "search" })).toMatchObject({
    name: "search",
    of: "github",
    narrows: { mcp_server: "github", tool_name: "search" },
  });
});

it("names what is gone by its id, and what never was by nothing", () => {
  const gone = { ...sums, user_id: "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c", user_email: null };
  expect(shareOf.user(gone).name).toBe("0198c0de…");
  expect(shareOf.user({ ...gone, user_id: null })).toMatchObject({ name: null, narrows: null });
});
