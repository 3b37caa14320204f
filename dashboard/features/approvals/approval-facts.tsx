"use client";

import { Link } from "@/components/link";
import { KeyName, TeamName } from "@/components/person-name";
import { Facts, Mono, type Fact } from "@/components/ui/facts";
import { ClockTime } from "@/components/ui/time";
import { pathIfBuilt } from "@/config/routes";
import { useMay } from "@/lib/session/session";
import type { Approval } from "./api";

const linkClass = "text-accent underline underline-offset-2";

export function ApprovalFacts({ approval }: { approval: Approval }) {
  const mayTrace = useMay("traces:read");
  const mayAudit = useMay("audit:read") && pathIfBuilt("/audit") !== null;
  const { trace_id: trace, api_key_id: key, team_id: team } = approval;
  const facts: Fact[] = [
    { name: "Server", value: approval.mcp_server },
    { name: "Tool", value: <Mono>{approval.tool_name}</Mono> },
    { name: "Asked by", value: approval.requester ?? approval.requested_by },
    { name: "API key", value: key && (approval.api_key_name ?? <KeyName id={key} />) },
    { name: "Team", value: team && <TeamName id={team} /> },
    { name: "Asked", value: <ClockTime at={approval.created_at} /> },
    { name: "Waits until", value: <ClockTime at={approval.expires_at} /> },
    {
      name: "Trace",
      value:
        trace &&
        (mayTrace ? (
          <Link href={`/trace?id=${trace}`} className={linkClass}>
            <Mono>{trace}</Mono>
          </Link>
        ) : (
          <Mono>{trace}</Mono>
        )),
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
