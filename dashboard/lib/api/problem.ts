import { asSentence } from "@/lib/in-words";
import { isRecord } from "@/lib/json-schema/json-schema";

const NO_ANSWER = "no_answer";

/** One thing wrong with one field of a form, as the API names it. */
export interface FieldProblem {
  field: string;
  code: string;
  message: string;
}

/** Why a request failed: what the API said, or that nobody said anything. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string | null,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }

  /** What is wrong with which field; empty unless a form was refused. */
  get fields(): FieldProblem[] {
    return Array.isArray(this.details.fields) ? (this.details.fields as FieldProblem[]) : [];
  }

  /** Nobody is there, somebody in between says so, or what is there waits for its database: it passes by itself. */
  get isUnreachable(): boolean {
    if (this.status === 0) return true;
    // Something was never set up, such as where backups go: that does not pass.
    if (typeof this.details.setting === "string") return false;
    return this.status === 503 ? this.code !== "circuit_open" : this.code === NO_ANSWER && this.status > 500;
  }

  get isForbidden(): boolean {
    return this.status === 403;
  }

  get isMissing(): boolean {
    return this.status === 404;
  }
}

/** Nothing came back: the network, or no process behind it. */
export function noAnswer(): ApiError {
  return new ApiError(0, NO_ANSWER, "The control plane does not answer.", null);
}

/** What a refused request says; `body` may be anything, since something in between may have answered. */
export function problemOf(status: number, body: unknown, requestId: string | null): ApiError {
  const error = isRecord(body) && isRecord(body.error) ? body.error : null;
  if (error && typeof error.code === "string" && typeof error.message === "string") {
    const id = typeof error.request_id === "string" ? error.request_id : requestId;
    return new ApiError(
      status,
      error.code,
      asSentence(error.message),
      id,
      isRecord(error.details) ? error.details : {},
    );
  }
  return new ApiError(status, NO_ANSWER, `The answer was not understood (HTTP ${status}).`, requestId);
}

/** Any failure as one of ours, for what shows it. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(-1, "unexpected", error instanceof Error ? error.message : String(error), null);
}
