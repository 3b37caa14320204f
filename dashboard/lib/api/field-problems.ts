import type { ApiError } from "./problem";

/** What a form says beside the field `name`; for what is within a list, in which entry: `patterns.block.3`. */
export function problemAt(problem: ApiError | null, name: string): string | undefined {
  if (!problem) return undefined;
  const all = problem.fields.flatMap(({ field, message }) => {
    if (field === name) return [sentence(message)];
    if (!field.startsWith(`${name}.`)) return [];
    const entry = Number(field.slice(name.length + 1).split(".")[0]);
    return [Number.isInteger(entry) ? `Entry ${entry + 1} ${message}` : sentence(message)];
  });
  // A name that is taken is a conflict with that field (contract 1.4).
  if (problem.code === "conflict" && problem.details.field === name) all.push(problem.message);
  return all.length > 0 ? all.join(". ") : undefined;
}

/** Somebody else was faster: what was to be changed is not any more what was read. */
export function isStale(problem: ApiError): boolean {
  return problem.status === 412;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
