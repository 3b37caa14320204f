import { asSentence } from "@/lib/in-words";
import type { ApiError } from "./problem";

/** What is wrong with a field or with what is in it (`amount`; the fourth of `patterns.block`), for the form to say beside it. */
export function problemAbout(problem: ApiError | null, field: string): string | undefined {
  if (!problem) return undefined;
  // A name that is taken is a conflict with that field (contract 1.4).
  if (problem.code === "conflict" && problem.details.field === field) return problem.message;
  const all = problem.fields
    .filter((one) => isWithin(one.field, field))
    .map((one) => asSentence(`${entryOf(one.field, field)}${one.message}`));
  return all.length > 0 ? all.join(" ") : undefined;
}

/** What is wrong with fields that the form does not have: it is told above the others. */
export function problemsElsewhere(problem: ApiError, shown: readonly string[]): string[] {
  return problem.fields
    .filter((one) => !shown.some((field) => isWithin(one.field, field)))
    .map((one) => asSentence(`\`${one.field}\` ${one.message}`));
}

function isWithin(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`);
}

/** Which of a list: people count from one. */
function entryOf(path: string, field: string): string {
  const entry = Number.parseInt(path.slice(field.length + 1), 10);
  return Number.isNaN(entry) ? "" : `entry ${entry + 1} `;
}
