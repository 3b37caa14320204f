import { Link, linkClass } from "@/components/link";
import { Name, Names } from "@/components/names/name";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { ClockTime } from "@/components/ui/time";
import type { Alert } from "@/features/alerts/api";
import { ruleHref } from "@/features/alerts/alert-href";
import { formatMeasure, metricName } from "@/features/alerts/metrics";

const LABELS: Record<string, string> = {
  mcp_server: "Server",
  tool_name: "Tool",
  team_id: "Team",
  api_key_id: "API key",
  environment: "Environment",
};

export function AlertFacts({ alert }: { alert: Alert }) {
  return (
    <Card title="What happened">
      <Facts
        facts={[
          {
            name: "Rule",
            value: alert.rule_id ? (
              <Link href={ruleHref(alert.rule_id)} className={linkClass}>
                {alert.rule_name}
              </Link>
            ) : (
              `${alert.rule_name} (deleted)`
            ),
          },
          { name: "Metric", value: metricName(alert.metric) },
          { name: "Value", value: formatMeasure(alert.metric, alert.value) },
          { name: "Threshold", value: formatMeasure(alert.metric, alert.threshold) },
          { name: "Started", value: <ClockTime at={alert.started_at} /> },
          { name: "Acknowledged", value: alert.acknowledged_at && <ClockTime at={alert.acknowledged_at} /> },
          { name: "By", value: alert.acknowledged_by && <Name kind="user" id={alert.acknowledged_by} /> },
          { name: "Resolved", value: alert.resolved_at && <ClockTime at={alert.resolved_at} /> },
          {
            name: "Resolved by",
            value: alert.resolved_at && <ResolvedBy user={alert.resolved_by} />,
          },
          { name: "Note", value: alert.note && <span className="whitespace-pre-wrap">{alert.note}</span> },
          ...Object.entries(alert.labels).map(([label, values]) => ({
            name: LABELS[label] ?? label,
            value: <LabelValues label={label} values={values.split(",")} />,
          })),
          { name: "Id", value: <Mono>{alert.id}</Mono>, copy: alert.id },
        ]}
      />
    </Card>
  );
}

function ResolvedBy({ user }: { user: string | null }) {
  if (user === null) return "Nobody: it was back in range, or its rule is off";
  return <Name kind="user" id={user} />;
}

function LabelValues({ label, values }: { label: string; values: readonly string[] }) {
  if (label === "team_id") return <Names kind="team" ids={values} />;
  if (label === "api_key_id") return <Names kind="api_key" ids={values} />;
  return values.join(", ");
}
