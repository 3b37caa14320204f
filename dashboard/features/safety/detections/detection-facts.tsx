import { Link, linkClass } from "@/components/link";
import { Name } from "@/components/names/name";
import { TraceLink } from "@/components/trace-link";
import { Facts, Mono } from "@/components/ui/facts";
import type { Detection } from "@/features/safety/api";
import { policyHref } from "@/features/safety/policies/policy-href";
import { inWords } from "@/lib/in-words";
import { percent } from "@/lib/number";
import { exactTime } from "@/lib/time/time";

export function DetectionFacts({ detection }: { detection: Detection }) {
  const { trace_id: trace, span_id: span, policy_id: policy, api_key_id: key, user_id: user } = detection;
  return (
    <div className="flex flex-col gap-5">
      <Facts
        title="Finding"
        facts={[
          { name: "Rule", value: <Mono>{detection.rule}</Mono> },
          {
            name: "Policy",
            value: policy && (
              <Link href={policyHref({ id: policy })} className={linkClass}>
                <Name kind="policy" id={policy} />
              </Link>
            ),
          },
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
          { name: "User", value: user && <Name kind="user" id={user} /> },
          { name: "API key", value: key && <Name kind="api_key" id={key} /> },
          { name: "Address", value: detection.ip_address },
          {
            name: "Trace",
            value: trace && <TraceLink id={trace} span={span} />,
          },
          { name: "Id", value: <Mono>{detection.id}</Mono>, copy: detection.id },
        ]}
      />
    </div>
  );
}
