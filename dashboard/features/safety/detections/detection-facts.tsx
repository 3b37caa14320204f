"use client";

import { useQuery } from "@tanstack/react-query";
import { Link } from "@/components/link";
import { KeyName, UserName } from "@/components/person-name";
import { Facts, Mono } from "@/components/ui/facts";
import { policyNamesQuery, type Detection } from "@/features/safety/api";
import { policyHref } from "@/features/safety/policies/policy-href";
import { inWords } from "@/lib/in-words";
import { percent } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { exactTime } from "@/lib/time/time";

const linkClass = "text-accent underline underline-offset-2";

export function DetectionFacts({ detection }: { detection: Detection }) {
  const mayTrace = useMay("traces:read");
  const { trace_id: trace, span_id: span, policy_id: policy, api_key_id: key, user_id: user } = detection;
  return (
    <div className="flex flex-col gap-5">
      <Facts
        title="Finding"
        facts={[
          { name: "Rule", value: <Mono>{detection.rule}</Mono> },
          { name: "Policy", value: policy && <PolicyName id={policy} /> },
          { name: "How sure", value: percent(detection.confidence) },
          { name: "Found in", value: `The ${detection.direction}` },
          { name: "Done", value: inWords(detection.action) },
          { name: "Found", value: exactTime(detection.created_at) },
        ]}
      />
      <Facts
        title="Call"
        facts={[
          { name: "Server", value: detection.mcp_server },
          { name: "Tool", value: detection.tool_name && <Mono>{detection.tool_name}</Mono> },
          { name: "User", value: user && <UserName id={user} /> },
          { name: "API key", value: key && <KeyName id={key} /> },
          { name: "Address", value: detection.ip_address },
          {
            name: "Trace",
            value:
              trace &&
              (mayTrace ? (
                <Link href={`/trace?id=${trace}${span ? `&span=${span}` : ""}`} className={linkClass}>
                  <Mono>{trace}</Mono>
                </Link>
              ) : (
                <Mono>{trace}</Mono>
              )),
          },
          { name: "Id", value: <Mono>{detection.id}</Mono>, copy: detection.id },
        ]}
      />
    </div>
  );
}

/** One that is gone is what is left of it, its id. */
function PolicyName({ id }: { id: string }) {
  const policy = useQuery(policyNamesQuery).data?.find((policy) => policy.id === id);
  if (!policy) return <Mono>{id}</Mono>;
  return (
    <Link href={policyHref(policy)} className={linkClass}>
      {policy.name}
    </Link>
  );
}
