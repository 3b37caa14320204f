import type { ApiError } from "@/lib/api/problem";

/** What is wrong with a field or with something in it (`amount`, `to.0`); a name that is taken is told of differently. */
export function problemAbout(problem: ApiError | null, field: string): string | undefined {
  if (!problem) return undefined;
  if (problem.code === "conflict" && problem.details.field === field) return problem.message;
  const found = problem.fields.find((one) => isWithin(one.field, field));
  return found && sentence(found.message);
}

/** What is wrong with fields that the form does not have: it is told above the others. */
export function problemsElsewhere(problem: ApiError, shown: readonly string[]): string[] {
  return problem.fields
    .filter((one) => !shown.some((field) => isWithin(one.field, field)))
    .map((one) => `${one.field}: ${one.message}.`);
}

function isWithin(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
