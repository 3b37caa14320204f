"use client";

import { useQuery } from "@tanstack/react-query";
import { Link } from "@/components/link";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { JsonBlock } from "@/components/ui/json-block";
import { Money } from "@/components/ui/money";
import { RelativeTime } from "@/components/ui/time";
import { bytes, count, percent } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { duration } from "@/lib/time/time";
import { callsQuery, type Server } from "@/features/servers/api";
import { ERAS, eraOf } from "@/features/servers/era";
import { AUTH_TYPES } from "@/features/servers/form/auth-fields";
import { TRANSPORTS } from "@/features/servers/form/about-fields";
import { ServerHealth } from "@/features/servers/health";
import { infoOf } from "@/features/servers/server-info";
import { Waiting } from "./waiting";

export function OverviewTab({ server }: { server: Server }) {
  return (
    <div className="flex flex-col gap-5">
      <Waiting server={server} />
      {server.description && <p className="max-w-prose text-sm whitespace-pre-line">{server.description}</p>}
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <HealthCard server={server} />
        <CallsCard name={server.name} />
        <ConnectionCard server={server} />
        <CapabilitiesCard server={server} />
      </div>
    </div>
  );
}

function HealthCard({ server }: { server: Server }) {
  const { health } = server;
  const era = eraOf(server.protocol_version);
  return (
    <Card title="Health" description={`Looked at every ${server.discovery_interval_seconds} seconds`}>
      <Facts
        facts={[
          { name: "State", value: <ServerHealth server={server} /> },
          {
            name: "Last look",
            value: health.checked_at ? <RelativeTime at={health.checked_at} /> : "None yet",
          },
          { name: "Answered in", value: health.latency_ms === null ? null : duration(health.latency_ms) },
          { name: "What failed", value: health.error },
          { name: "Says it is", value: infoOf(server.server_info) },
          { name: "MCP version", value: server.protocol_version },
          { name: "Era", value: era && `${ERAS[era].name}. ${ERAS[era].says}` },
        ]}
      />
    </Card>
  );
}

function CallsCard({ name }: { name: string }) {
  const mayCalls = useMay("traces:read");
  const calls = useQuery({ ...callsQuery, enabled: mayCalls });
  if (!mayCalls) return null;
  const server = calls.data?.get(name);
  return (
    <Card
      title="Calls"
      description="Last 24 hours"
      actions={
        <Link
          href={`/traces?mcp_server=${encodeURIComponent(name)}`}
          className="text-sm text-accent hover:underline"
        >
          Traces
        </Link>
      }
    >
      {server ? (
        <Facts
          facts={[
            { name: "Requests", value: count(server.requests) },
            { name: "Errors", value: `${count(server.errors)} (${percent(server.error_rate)})` },
            { name: "p95", value: server.p95_ms === null ? null : duration(server.p95_ms) },
            { name: "Cost", value: server.cost === null ? null : <Money amount={server.cost} /> },
          ]}
        />
      ) : (
        <p className="text-sm text-ink-2">
          {calls.error
            ? "They could not be loaded."
            : calls.data
              ? "None, or fewer than fifty other servers had."
              : "Loading …"}
        </p>
      )}
    </Card>
  );
}

function ConnectionCard({ server }: { server: Server }) {
  const { auth, tls } = server;
  const named = <T extends string>(list: readonly { value: T; name: string }[], value: T) =>
    list.find((one) => one.value === value)?.name ?? value;
  const secret = auth.token_set || auth.password_set || auth.header_value_set || auth.client_secret_set;
  return (
    <Card title="Connection">
      <Facts
        facts={[
          { name: "Address", value: <Mono>{server.url}</Mono>, copy: server.url },
          { name: "Clients call", value: <Mono>/mcp/{server.name}</Mono> },
          { name: "Transport", value: named(TRANSPORTS, server.transport) },
          { name: "Credentials", value: named(AUTH_TYPES, auth.type) },
          { name: "Secret", value: auth.type === "none" ? null : secret ? "Stored" : "Missing" },
          { name: "User", value: auth.username },
          { name: "Header", value: auth.header_name },
          { name: "Token address", value: auth.token_url && <Mono>{auth.token_url}</Mono> },
          { name: "Client id", value: auth.client_id },
          { name: "Scopes", value: auth.scopes.join(" ") },
          { name: "Certificate", value: tls.insecure_skip_verify ? "Not verified" : null },
          { name: "Client certificate", value: tls.client_cert_pem && "Set" },
          { name: "Waits", value: `${duration(server.timeout_ms)} for an answer` },
          { name: "Calls at once", value: `${count(server.max_concurrency)} at most` },
          { name: "Largest answer", value: bytes(server.max_response_bytes) },
          { name: "Payloads", value: server.payload_capture ?? "As the organization's settings say" },
          { name: "Changed", value: <RelativeTime at={server.updated_at} /> },
        ]}
      />
    </Card>
  );
}

function CapabilitiesCard({ server }: { server: Server }) {
  if (!server.capabilities) return null;
  return (
    <Card title="Capabilities" description="As the server declares them">
      <JsonBlock label="Capabilities" value={server.capabilities} />
    </Card>
  );
}
