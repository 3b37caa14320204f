import { Name } from "@/components/names/name";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { RelativeTime } from "@/components/ui/time";
import type { Tool } from "@/features/tools/api";

export function SeenCard({ tool }: { tool: Tool }) {
  return (
    <Card title="History">
      <Facts
        facts={[
          { name: "First seen", value: <RelativeTime at={tool.first_seen_at} /> },
          { name: "Last seen", value: <RelativeTime at={tool.last_seen_at} /> },
          { name: "Reviewed", value: tool.reviewed_at ? <RelativeTime at={tool.reviewed_at} /> : "Never" },
          { name: "By", value: tool.reviewed_by && <Name kind="user" id={tool.reviewed_by} /> },
          {
            name: "Definition",
            value: <Mono>{tool.schema_hash.slice(0, 16)}…</Mono>,
            copy: tool.schema_hash,
          },
          {
            name: "Approved",
            value: tool.approved_hash && <Mono>{tool.approved_hash.slice(0, 16)}…</Mono>,
            copy: tool.approved_hash,
          },
        ]}
      />
    </Card>
  );
}
