// A call as any client makes it: through the proxy's MCP endpoint, by a token of the person's own.
import { ApiError } from "@/lib/api/problem";
import { isRecord } from "@/lib/json-schema/json-schema";
import { readJson } from "@/lib/json/read-json";
import { tokenFor } from "@/features/playground/api";
import { EventCutter } from "./events";
import { outcomeOf, type Outcome } from "./outcome";
import { callBody, callHeaders, newTrace } from "./request";

export interface Call {
  /** Of the server, at the proxy. */
  url: string;
  server: string;
  tool: string;
  schema: unknown;
  /** The arguments as JSON. */
  json: string;
}

export interface Answer extends Outcome {
  /** As the person waited for it. */
  waitedMs: number;
  /** As the gateway measured it; null where it does not say. */
  durationMs: number | null;
  cost: string | null;
  traceId: string;
  requestId: string | null;
}

/** Refusals of the call are answers. Thrown is what kept it from being made: no token, no way to the proxy. */
export async function callTool(call: Call, signal: AbortSignal): Promise<Answer> {
  const token = await tokenFor(call.server, call.tool, signal);

  const trace = newTrace();
  const id = trace.id.slice(0, 8);
  const began = performance.now();
  const response = await reach(call.url, {
    method: "POST",
    mode: "cors",
    credentials: "omit",
    redirect: "error",
    headers: {
      ...callHeaders(call.tool, call.schema, JSON.parse(call.json)),
      Authorization: `Bearer ${token}`,
      traceparent: trace.traceparent,
    },
    body: callBody(id, call.tool, call.json),
    signal,
  });
  const message = await messageOf(response, id);
  const { headers } = response;
  const duration = headers.get("X-MCP-Duration-Ms");
  return {
    ...outcomeOf(message, response.status),
    waitedMs: performance.now() - began,
    durationMs: duration === null ? null : Number(duration),
    cost: moneyOrNull(headers.get("X-MCP-Cost")),
    traceId: headers.get("X-Trace-ID") ?? trace.id,
    requestId: headers.get("X-Request-ID"),
  };
}

/** Browsers do not tell pages why they did not reach something. */
async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(-1, "proxy_unreachable", new URL(url).origin, null);
  }
}

async function messageOf(response: Response, id: string): Promise<unknown> {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith("text/event-stream")) return response.json().catch(() => null);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return null;
  const cutter = new EventCutter();
  for (;;) {
    const { done, value } = await reader.read();
    const answer = (done ? cutter.end() : cutter.push(value))
      .map((text) => readJson(text).value)
      .find((one) => isAnswer(one, id));
    if (answer !== undefined) {
      void reader.cancel();
      return answer;
    }
    if (done) return null;
  }
}

function isAnswer(message: unknown, id: string): boolean {
  return isRecord(message) && message.id === id && ("result" in message || "error" in message);
}

function moneyOrNull(text: string | null): string | null {
  return text !== null && /^-?\d+(\.\d{1,12})?$/.test(text) ? text : null;
}
