"use client";

import { Link } from "@/components/link";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { ClockTime } from "@/components/ui/time";
import type { Alert } from "@/features/alerts/api";
import { ruleHref } from "@/features/alerts/alert-href";
import { formatMeasure, metricName } from "@/features/alerts/metrics";
import { useDirectory } from "@/lib/directory/directory";

const LABELS: Record<string, string> = {
  mcp_server: "Server",
  tool_name: "Tool",
  team_id: "Team",
  api_key_id: "API key",
  environment: "Environment",
};

export function AlertFacts({ alert }: { alert: Alert }) {
  const users = useDirectory("user");
  const teams = useDirectory("team", "team_id" in alert.labels);
  const keys = useDirectory("api_key", "api_key_id" in alert.labels);
  const named = (label: string, values: string) => {
    const directory = label === "team_id" ? teams : label === "api_key_id" ? keys : null;
    return directory ? values.split(",").map(directory.nameOf).join(", ") : values.split(",").join(", ");
  };
  const by = (user: string | null) => user && users.nameOf(user);
  return (
    <Card title="What happened">
      <Facts
        facts={[
          {
            name: "Rule",
            value: alert.rule_id ? (
              <Link href={ruleHref(alert.rule_id)} className="text-accent hover:underline">
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
          { name: "By", value: by(alert.acknowledged_by) },
          { name: "Resolved", value: alert.resolved_at && <ClockTime at={alert.resolved_at} /> },
          {
            name: "Resolved by",
            value:
              alert.resolved_at &&
              (by(alert.resolved_by) ?? "Nobody: it was back in range, or its rule is off"),
          },
          { name: "Note", value: alert.note && <span className="whitespace-pre-wrap">{alert.note}</span> },
          ...Object.entries(alert.labels).map(([label, values]) => ({
            name: LABELS[label] ?? label,
            value: named(label, values),
          })),
          { name: "Id", value: <Mono>{alert.id}</Mono>, copy: alert.id },
        ]}
      />
    </Card>
  );
}
