export type ReadArguments =
  { value: Record<string, unknown>; problem?: undefined } | { value?: undefined; problem: string };

/** What somebody wrote as the arguments of a call, which are an object. */
export function readArguments(text: string): ReadArguments {
  let value: unknown;
  try {
    value = JSON.parse(text.trim() || "{}");
  } catch (error) {
    return { problem: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { problem: "It must be a JSON object: { … }." };
  return { value: value as Record<string, unknown> };
}
