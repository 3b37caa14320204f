import type { ApiError } from "./problem";

/** What a refusal says of a field, or of a part of it (`tags.0` of `tags`), for the form to show beside it. */
export function problemAbout(problem: ApiError | null): (field: string) => string | undefined {
  return (field) => {
    if (!problem) return undefined;
    const said = problem.fields.find((one) => one.field === field || one.field.startsWith(`${field}.`));
    if (said) return asSentence(said.message);
    return problem.code === "conflict" && problem.details.field === field ? problem.message : undefined;
  };
}

/** “must be a URL” → “It must be a URL.” */
function asSentence(message: string): string {
  const text = /^(must|is|does|may|has|cannot)\b/.test(message) ? `It ${message}` : message;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
