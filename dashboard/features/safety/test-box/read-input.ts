import { asWritten } from "./as-written";

export type ReadInput =
  | { input: unknown; text: string | null; problem?: undefined }
  | { input?: undefined; text?: undefined; problem: string };

/** What is tried: the text itself, or the JSON that it is; and in which text the places of findings count. */
export function readInput(text: string, isJson: boolean): ReadInput {
  if (!isJson) return { input: text, text };
  try {
    const input: unknown = JSON.parse(text);
    // A string alone is looked at as the text that it is.
    return { input, text: typeof input === "string" ? input : asWritten(input) };
  } catch (error) {
    return { problem: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
