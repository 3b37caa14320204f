// How long the gateway waits for a server, how much it sends, and when it stops asking it.
import type { Server, ServerPatch } from "@/features/servers/api";

export interface LimitField {
  /** As the API names it, dotted. */
  key: string;
  label: string;
  hint?: string;
  min: number;
  max: number;
}

export interface LimitGroup {
  name: string;
  fields: LimitField[];
}

const MINUTES_10 = 600_000;
const MIB_100 = 104_857_600;

export const LIMITS: LimitGroup[] = [
  {
    name: "Time",
    fields: [
      { key: "connect_timeout_ms", label: "To connect (ms)", min: 1, max: MINUTES_10 },
      { key: "timeout_ms", label: "For an answer (ms)", min: 100, max: MINUTES_10 },
      { key: "stream_idle_timeout_ms", label: "Without a word in a stream (ms)", min: 1, max: 86_400_000 },
      {
        key: "discovery_interval_seconds",
        label: "Between looks at the catalogue (s)",
        min: 30,
        max: 86_400,
      },
    ],
  },
  {
    name: "Size",
    fields: [
      { key: "max_concurrency", label: "Calls at once", min: 1, max: 100_000 },
      { key: "max_request_bytes", label: "Largest request (bytes)", min: 1, max: MIB_100 },
      { key: "max_response_bytes", label: "Largest answer (bytes)", min: 1, max: MIB_100 },
    ],
  },
  {
    name: "Retries",
    fields: [
      {
        key: "retry.max_retries",
        label: "Most retries",
        hint: "Only of what is safe to ask twice",
        min: 0,
        max: 5,
      },
      { key: "retry.backoff_ms", label: "Pause before the first (ms)", min: 0, max: 60_000 },
    ],
  },
  {
    name: "Circuit breaker",
    fields: [
      {
        key: "breaker.failures",
        label: "Failures that open it",
        hint: "While it is open no call reaches the server",
        min: 1,
        max: 1000,
      },
      { key: "breaker.window_seconds", label: "Within (s)", min: 1, max: 3600 },
      { key: "breaker.open_seconds", label: "Stays open for (s)", min: 1, max: 3600 },
      { key: "breaker.probes", label: "Successes that close it", min: 1, max: 100 },
    ],
  },
];

const KEYS = LIMITS.flatMap((group) => group.fields.map(({ key }) => key));

export type LimitsDraft = Record<string, string>;

export function limitsOf(server: Server): LimitsDraft {
  return Object.fromEntries(KEYS.map((key) => [key, String(at(server, key) ?? "")]));
}

/** Dotted names become objects. What is no number is sent as it is: the API says what is wrong with it. */
export function limitsBody(draft: LimitsDraft): ServerPatch {
  const body: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(draft)) {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : text;
    const [outer = "", inner] = key.split(".");
    if (inner === undefined) body[outer] = value;
    else body[outer] = { ...(body[outer] as object | undefined), [inner]: value };
  }
  return body as ServerPatch;
}

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((seen, name) => (seen as Record<string, unknown>)?.[name], value);
}
