import { expect, it } from "vitest";
import { coverage, limitInWords } from "./limit-words";

it("says a limit in words", () => {
  const rate = { kind: "rate", metric: "requests", limit: 1000, window_seconds: 60, period: null } as const;
  expect(limitInWords(rate)).toBe("1,000 requests in 1 minute");
  const quota = {
    kind: "quota",
    metric: "input_tokens",
    limit: 5,
    window_seconds: null,
    period: "month",
  } as const;
  expect(limitInWords(quota)).toBe("5 input tokens a month");
});

it("says whom it covers", () => {
  expect(coverage({ scope_type: "team", scope_value: null })).toBe("Each team on its own");
  expect(coverage({ scope_type: "api_key", scope_value: null })).toBe("Each API key on its own");
  expect(coverage({ scope_type: "server", scope_value: "github" })).toBe("github");
  expect(coverage({ scope_type: "organization", scope_value: null })).toBe("All calls together");
});
