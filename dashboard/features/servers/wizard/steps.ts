import type { ApiError } from "@/lib/api/problem";

export const STEPS = [
  { key: "address", name: "Address" },
  { key: "credentials", name: "Credentials" },
  { key: "test", name: "Test" },
  { key: "discovery", name: "Discovery" },
  { key: "done", name: "Done" },
] as const;

export type Step = (typeof STEPS)[number]["key"];

/** Where a refused field can be corrected; null where none is named. */
export function stepOf(problem: ApiError): Step | null {
  const named = problem.fields[0]?.field ?? problem.details.field;
  if (typeof named !== "string") return null;
  return /^(auth|tls)\b/.test(named) ? "credentials" : "address";
}
