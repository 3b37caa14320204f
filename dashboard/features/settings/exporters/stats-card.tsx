import type { ReactNode } from "react";
import { Refusal } from "@/components/layout/entrance";
import { Card } from "@/components/ui/card";
import { Facts } from "@/components/ui/facts";
import { RelativeTime } from "@/components/ui/time";
import { count } from "@/lib/number";
import type { Exporter } from "./api";

export function StatsCard({ exporter, actions }: { exporter: Exporter; actions: ReactNode }) {
  const { exported, failed, dropped, last_export_at, last_error } = exporter.stats;
  return (
    <Card title="How it fares" description="In spans, since it was made" actions={actions}>
      <Facts
        facts={[
          { name: "Sent", value: count(exported) },
          { name: "Refused for good", value: count(failed) },
          { name: "Given up", value: `${count(dropped)}, because the receiver was away for more than a day` },
          { name: "Last sent", value: last_export_at ? <RelativeTime at={last_export_at} /> : "never" },
        ]}
      />
      {last_error && (
        <div className="mt-3">
          <Refusal>{last_error}</Refusal>
        </div>
      )}
    </Card>
  );
}
