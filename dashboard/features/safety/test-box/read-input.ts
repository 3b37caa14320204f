import { readJson } from "@/lib/json/read-json";
import { asWritten } from "./as-written";

type ReadInput =
  | { input: unknown; text: string | null; problem?: undefined }
  | { input?: undefined; text?: undefined; problem: string };

/** What is tried: the text itself, or the JSON that it is; and in which text the places of findings count. */
export function readInput(text: string, isJson: boolean): ReadInput {
  if (!isJson) return { input: text, text };
  const { value: input, problem } = readJson(text);
  if (problem !== undefined) return { problem };
  // A string alone is looked at as the text that it is.
  return { input, text: typeof input === "string" ? input : asWritten(input) };
}
