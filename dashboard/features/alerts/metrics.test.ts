import { expect, it } from "vitest";
import { formatMeasure, minutesInWords, termsInWords } from "./metrics";

it("says what a rule watches in the metric's unit", () => {
  expect(termsInWords({ metric: "error_rate", condition: "gt", threshold: 0.05 })).toBe("Error rate > 5.00%");
  expect(termsInWords({ metric: "latency_p95", condition: "gte", threshold: 2000 })).toBe(
    "p95 latency ≥ 2 s",
  );
  expect(formatMeasure("cost_per_hour", 12.5)).toBe("$12.50/h");
  expect(formatMeasure("tool_drift", 3)).toBe("3");
});

it("knows what it does not know", () => {
  expect(termsInWords({ metric: "mood", condition: "beats", threshold: 1 })).toBe("mood beats 1");
});

it("says minutes as people do", () => {
  expect([1, 5, 60, 90, 120, 1440, 10_080].map(minutesInWords)).toEqual([
    "a minute",
    "5 minutes",
    "an hour",
    "90 minutes",
    "2 hours",
    "a day",
    "7 days",
  ]);
});
