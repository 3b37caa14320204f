import { lookOfStatus, SpanStatus } from "@/components/span-status";
import { Facts, Mono, type Fact } from "@/components/ui/facts";
import { Money } from "@/components/ui/money";
import { ClockTime } from "@/components/ui/time";
import { TONES } from "@/components/ui/badge";
import { cn } from "@/lib/cn";
import { bytes, count } from "@/lib/number";
import { duration } from "@/lib/time/time";
import type { Span } from "@/features/traces/api";

export function SpanAttributes({ span }: { span: Span }) {
  return (
    <div className="flex flex-col gap-5">
      {span.error_message && (
        <p className={cn("rounded-lg px-3 py-2 text-sm break-words", TONES[lookOfStatus(span.status).tone])}>
          {span.error_message}
        </p>
      )}
      <Facts title="Call" facts={callFacts(span)} />
      <Facts title="Caller" facts={callerFacts(span)} />
      <Facts title="Ids" facts={idFacts(span)} />
      <Facts title="Recorded by the gateway" facts={metadataFacts(span)} />
    </div>
  );
}

function callFacts(span: Span): Fact[] {
  return [
    { name: "Status", value: <SpanStatus status={span.status} /> },
    { name: "Reason", value: span.error_type && <Mono>{span.error_type}</Mono> },
    { name: "HTTP status", value: span.status_code },
    { name: "Method", value: <Mono>{span.operation_name}</Mono> },
    { name: "Started", value: <ClockTime at={span.started_at} /> },
    { name: "Duration", value: duration(span.duration_ms) },
    { name: "In the server", value: span.upstream_ms !== null && duration(span.upstream_ms) },
    { name: "In the gateway", value: span.overhead_us !== null && duration(span.overhead_us / 1000) },
    { name: "Cost", value: span.cost_usd && <Money amount={span.cost_usd} /> },
    { name: "Tokens in", value: span.input_tokens !== null && count(span.input_tokens) },
    { name: "Tokens out", value: span.output_tokens !== null && count(span.output_tokens) },
    { name: "Request", value: span.request_bytes > 0 && bytes(span.request_bytes) },
    { name: "Answer", value: span.response_bytes > 0 && bytes(span.response_bytes) },
  ].map(shownIfGiven);
}

function callerFacts(span: Span): Fact[] {
  const client = [span.client_name, span.client_version].filter(Boolean).join(" ");
  return [
    { name: "User", value: span.user_email ?? span.user_id },
    { name: "Team", value: span.team_name ?? span.team_id },
    { name: "API key", value: span.api_key_name ?? span.api_key_id },
    { name: "Environment", value: span.environment },
    { name: "Client", value: client },
    { name: "MCP version", value: span.protocol_version },
    { name: "Session", value: span.session_id && <Mono>{span.session_id}</Mono>, copy: span.session_id },
  ];
}

function idFacts(span: Span): Fact[] {
  return [
    { name: "Trace", value: <Mono>{span.trace_id}</Mono>, copy: span.trace_id },
    { name: "Span", value: <Mono>{span.span_id}</Mono>, copy: span.span_id },
    {
      name: "Parent",
      value: span.parent_span_id && <Mono>{span.parent_span_id}</Mono>,
      copy: span.parent_span_id,
    },
    { name: "Proxy", value: span.proxy_id },
  ];
}

/** Whatever else was recorded, by its own names. */
function metadataFacts(span: Span): Fact[] {
  if (typeof span.metadata !== "object" || span.metadata === null) return [];
  return Object.entries(span.metadata as Record<string, unknown>).map(([name, value]) => ({
    name: name.replace(/^gatewayops\./, ""),
    value: <Mono>{typeof value === "string" ? value : JSON.stringify(value)}</Mono>,
  }));
}

function shownIfGiven(fact: Omit<Fact, "value"> & { value: Fact["value"] | false }): Fact {
  return { ...fact, value: fact.value === false ? null : fact.value };
}
