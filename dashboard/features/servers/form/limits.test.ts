import { expect, it } from "vitest";
import type { Server } from "@/features/servers/api";
import { limitsBody, limitsOf } from "./limits";

const server = { timeout_ms: 30_000, retry: { max_retries: 2, backoff_ms: 100 } } as unknown as Server;

it("reads what is nested", () => {
  expect(limitsOf(server)).toMatchObject({
    timeout_ms: "30000",
    "retry.max_retries": "2",
    "breaker.failures": "",
  });
});

it("writes it back, and what is no number as it is", () => {
  const body = limitsBody({ timeout_ms: "30000", "retry.max_retries": "2", "retry.backoff_ms": "soon" });
  expect(body).toEqual({ timeout_ms: 30_000, retry: { max_retries: 2, backoff_ms: "soon" } });
});
