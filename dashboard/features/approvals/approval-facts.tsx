"use client";

import { Link, linkClass } from "@/components/link";
import { Name } from "@/components/names/name";
import { TraceLink } from "@/components/trace-link";
import { Facts, Mono, type Fact } from "@/components/ui/facts";
import { ClockTime } from "@/components/ui/time";
import { pathIfBuilt } from "@/config/routes";
import { useMay } from "@/lib/session/session";
import type { Approval } from "./api";

export function ApprovalFacts({ approval }: { approval: Approval }) {
  const mayAudit = useMay("audit:read") && pathIfBuilt("/audit") !== null;
  const { trace_id: trace, requested_by: by, api_key_id: key, team_id: team } = approval;
  const facts: Fact[] = [
    { name: "Server", value: approval.mcp_server },
    { name: "Tool", value: <Mono>{approval.tool_name}</Mono> },
    { name: "Asked by", value: approval.requester ?? (by && <Name kind="user" id={by} />) },
    { name: "API key", value: key && (approval.api_key_name ?? <Name kind="api_key" id={key} />) },
    { name: "Team", value: team && <Name kind="team" id={team} /> },
    { name: "Asked", value: <ClockTime at={approval.created_at} /> },
    { name: "Waits until", value: <ClockTime at={approval.expires_at} /> },
    {
      name: "Trace",
      value: trace && <TraceLink id={trace} />,
    },
    {
      name: "Arguments' hash",
      value: <Mono>{approval.arguments_hash}</Mono>,
      copy: approval.arguments_hash,
    },
    { name: "Id", value: <Mono>{approval.id}</Mono>, copy: approval.id },
    {
      name: "Audit log",
      value: mayAudit && (
        <Link href={`/audit?period=quarter&resource_id=${approval.id}`} className={linkClass}>
          What was recorded
        </Link>
      ),
    },
  ];
  return (
    <Facts facts={facts.map((fact) => ({ ...fact, value: fact.value === false ? null : fact.value }))} />
  );
}
