import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CirclePause,
  TriangleAlert,
  type LucideIcon,
} from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import { ERAS, eraOf } from "./era";
import type { Server } from "./api";

const LOOKS: Record<string, { name: string; tone: Tone; icon: LucideIcon }> = {
  healthy: { name: "Healthy", tone: "ok", icon: CircleCheck },
  degraded: { name: "Degraded", tone: "warn", icon: TriangleAlert },
  unhealthy: { name: "Unhealthy", tone: "bad", icon: CircleAlert },
  unknown: { name: "Not looked at yet", tone: "idle", icon: CircleDashed },
};

export const HEALTHS = Object.keys(LOOKS);

export function Health({ status }: { status: string }) {
  const {
    name,
    tone,
    icon: Icon,
  } = LOOKS[status] ?? { name: status, tone: "idle" as const, icon: CircleDashed };
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {name}
    </Badge>
  );
}

/** How a server is; one that is disabled is not asked. */
export function ServerHealth({ server }: { server: Pick<Server, "enabled" | "health"> }) {
  if (server.enabled) return <Health status={server.health.status} />;
  return (
    <Badge>
      <CirclePause aria-hidden />
      Disabled
    </Badge>
  );
}

export function EraBadge({ version }: { version: string | null }) {
  const era = eraOf(version);
  if (era === null) return <span className="text-ink-3">–</span>;
  return (
    <span title={`MCP ${version}. ${ERAS[era].says}`} className="inline-flex items-center gap-1.5">
      {ERAS[era].name} <span className="font-mono text-xs text-ink-3">{version}</span>
    </span>
  );
}
