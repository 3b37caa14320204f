import { isRecord } from "@/lib/json-schema/json-schema";

export type Read = { ok: true; value: Record<string, unknown> } | { ok: false; problem: string };

/** Arguments as a person typed them: an object, or why it is none. */
export function readJson(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, problem: `This is no JSON: ${error instanceof Error ? error.message : "unknown"}` };
  }
  return isRecord(value) ? { ok: true, value } : { ok: false, problem: "Arguments are an object: { … }." };
}
