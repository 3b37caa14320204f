import { isRecord } from "@/lib/json-schema/json-schema";

export type Read<Value> = { value: Value; problem?: undefined } | { value?: undefined; problem: string };

/** JSON as a person typed it, or why it is none. */
export function readJson(text: string): Read<unknown> {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The same of what must be an object, as arguments of a call are. */
export function readObject(text: string): Read<Record<string, unknown>> {
  const { value, problem } = readJson(text);
  if (problem !== undefined) return { problem };
  return isRecord(value) ? { value } : { problem: "It must be a JSON object: { … }." };
}
