// What came of a call, whoever ended it: the tool, the server, the gateway, or nobody.
import { isRecord } from "@/lib/json-schema/json-schema";

/** Why the gateway, or MCP itself, did not let a call through. */
export interface Refusal {
  code: string;
  message: string;
  details: Record<string, unknown>;
  requestId: string | null;
}

export interface Outcome {
  kind: "success" | "tool_error" | "refused" | "failed" | "asks";
  /** The result as it came. */
  result: Record<string, unknown> | null;
  refusal: Refusal | null;
}

const OURS = "io.gatewayops/error";

/** A JSON-RPC answer; what is none came from something in between. */
export function outcomeOf(message: unknown, status: number): Outcome {
  if (isRecord(message) && isRecord(message.result)) return ofResult(message.result);
  if (isRecord(message) && isRecord(message.error)) {
    const { code, message: text, data } = message.error;
    const more = isRecord(data) ? data : {};
    const ours = typeof more.code === "string";
    const refusal = {
      code: ours ? String(more.code) : String(code ?? status),
      message: typeof text === "string" ? text : "Without a reason.",
      details: isRecord(more.details) ? more.details : more,
      requestId: typeof more.request_id === "string" ? more.request_id : null,
    };
    return { kind: ours ? "refused" : "failed", result: null, refusal };
  }
  const text = `The answer was not understood (HTTP ${status}).`;
  return {
    kind: "failed",
    result: null,
    refusal: { code: String(status), message: text, details: {}, requestId: null },
  };
}

function ofResult(result: Record<string, unknown>): Outcome {
  const error = isRecord(result._meta) ? result._meta[OURS] : undefined;
  if (isRecord(error)) {
    const refusal = {
      code: String(error.code),
      message: String(error.message ?? ""),
      details: isRecord(error.details) ? error.details : {},
      requestId: typeof error.request_id === "string" ? error.request_id : null,
    };
    return { kind: "refused", result, refusal };
  }
  if (result.resultType === "input_required") return { kind: "asks", result, refusal: null };
  return { kind: result.isError === true ? "tool_error" : "success", result, refusal: null };
}

/** The pieces of a result, in their order. */
export function contentOf(result: Record<string, unknown>): Record<string, unknown>[] {
  return Array.isArray(result.content) ? result.content.filter(isRecord) : [];
}
