import { CircleAlert, CircleCheck } from "lucide-react";
import { Facts } from "@/components/ui/facts";
import { count } from "@/lib/number";
import { duration } from "@/lib/time/time";
import type { Trial } from "./api";
import { ERAS, eraOf } from "./era";
import { infoOf } from "./server-info";

/** What trying a server came to. */
export function TrialResult({ trial }: { trial: Trial }) {
  if (!trial.ok) {
    return (
      <div
        role="alert"
        className="flex items-start gap-2.5 rounded-lg border border-bad/30 bg-bad-soft p-3 text-sm"
      >
        <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
        <div className="min-w-0 break-words">
          <p className="font-medium">The server could not be used</p>
          <p>{trial.error ?? "It did not say why."}</p>
        </div>
      </div>
    );
  }
  const era = eraOf(trial.protocol_version);
  return (
    <div role="status" className="rounded-lg border p-3">
      <p className="mb-2 flex items-center gap-2 text-sm font-medium">
        <CircleCheck aria-hidden className="size-4 text-ok" />
        The server answers
      </p>
      <Facts
        facts={[
          { name: "Answered in", value: trial.latency_ms === null ? null : duration(trial.latency_ms) },
          { name: "Says it is", value: infoOf(trial.server_info) },
          { name: "MCP version", value: trial.protocol_version },
          { name: "Era", value: era && `${ERAS[era].name}. ${ERAS[era].says}` },
          { name: "Can do", value: Object.keys(trial.capabilities ?? {}).join(", ") },
          { name: "Tools", value: trial.tools_count === null ? null : count(trial.tools_count) },
          { name: "But", value: trial.error },
        ]}
      />
    </div>
  );
}
