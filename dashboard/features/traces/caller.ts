import { shortId } from "@/lib/short-id";
import type { Span } from "./api";

/** Who made a call: a person before a key before nobody we know. */
export function callerOf(
  span: Pick<Span, "user_email" | "api_key_name" | "user_id" | "api_key_id">,
): string | null {
  const name = span.user_email ?? span.api_key_name;
  if (name) return name;
  // Gone meanwhile: then what is left is the id.
  const id = span.user_id ?? span.api_key_id;
  return id ? shortId(id) : null;
}

/** What was called, in one word. */
export function nameOf(span: Pick<Span, "tool_name" | "operation_name">): string {
  return span.tool_name ?? span.operation_name;
}
