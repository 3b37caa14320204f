// Every request of the dashboard: same origin, by the session's cookie. What is refused is thrown as an ApiError, so
// that a query has data or fails, and nothing in between.
import createClient, { type Middleware } from "openapi-fetch";
import { noAnswer, problemOf } from "./problem";
import type { components, paths } from "./schema";
import { csrfToken } from "./csrf";
import { sessionEnded } from "./session-ended";

export type Schemas = components["schemas"];

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** What hangs is away as well. Changes may wait for somebody else: a server that is tried, a provider that is asked. */
const PATIENCE_MS = { read: 30_000, change: 120_000 };

function patiently(request: Request): Promise<Response> {
  const patience = SAFE.has(request.method) ? PATIENCE_MS.read : PATIENCE_MS.change;
  return fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(patience)]) });
}

const credentials: Middleware = {
  onRequest({ request }) {
    const token = csrfToken();
    if (token && !SAFE.has(request.method)) request.headers.set("X-CSRF-Token", token);
    return request;
  },
};

const problems: Middleware = {
  async onResponse({ response, schemaPath }) {
    if (response.ok) return undefined;
    const body = await response.json().catch(() => null);
    const problem = problemOf(response.status, body, response.headers.get("X-Request-ID"));
    if (response.status === 401 && schemaPath !== "/v1/auth/login") sessionEnded();
    throw problem;
  },
  onError({ error }) {
    // An aborted request is nobody's fault, and the query library knows it by its name.
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return noAnswer();
  },
};

export const api = createClient<paths>({
  baseUrl: typeof window === "undefined" ? "http://localhost" : window.location.origin,
  credentials: "same-origin",
  headers: { Accept: "application/json" },
  fetch: patiently,
});
api.use(credentials, problems);

/** The data of an answer; refusals were thrown already, so that there is some. */
export async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
