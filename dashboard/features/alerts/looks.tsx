import {
  BellOff,
  BellRing,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CirclePause,
  Eye,
  Hourglass,
  Info,
  Send,
  TriangleAlert,
  type LucideIcon,
} from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import type { Severity } from "./api";

interface Look {
  name: string;
  tone: Tone;
  icon: LucideIcon;
}

export const SEVERITIES: Record<Severity, Look> = {
  info: { name: "Info", tone: "accent", icon: Info },
  warning: { name: "Warning", tone: "warn", icon: TriangleAlert },
  critical: { name: "Critical", tone: "bad", icon: CircleAlert },
};

const ALERTS: Record<string, Look> = {
  firing: { name: "Firing", tone: "bad", icon: BellRing },
  acknowledged: { name: "Acknowledged", tone: "warn", icon: Eye },
  resolved: { name: "Resolved", tone: "ok", icon: CircleCheck },
};

export const RULE_STATES: Record<string, Look> = {
  ok: { name: "OK", tone: "ok", icon: CircleCheck },
  pending: { name: "Pending", tone: "warn", icon: Hourglass },
  firing: { name: "Firing", tone: "bad", icon: BellRing },
  no_data: { name: "No data", tone: "idle", icon: CircleDashed },
  disabled: { name: "Off", tone: "idle", icon: CirclePause },
};

export const NOTIFICATION_STATUSES: Record<string, Look> = {
  pending: { name: "Pending", tone: "warn", icon: Hourglass },
  sent: { name: "Sent", tone: "ok", icon: Send },
  failed: { name: "Failed", tone: "bad", icon: CircleAlert },
  dropped: { name: "Dropped", tone: "idle", icon: BellOff },
};

/** What is not known is shown as it is called: the API may add values. */
function LookBadge({ looks, value }: { looks: Record<string, Look>; value: string }) {
  const { name, tone, icon: Icon } = looks[value] ?? { name: value, tone: "idle", icon: CircleDashed };
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {name}
    </Badge>
  );
}

export function SeverityBadge({ severity }: { severity: string }) {
  return <LookBadge looks={SEVERITIES} value={severity} />;
}

export function AlertStatus({ status }: { status: string }) {
  return <LookBadge looks={ALERTS} value={status} />;
}

export function RuleState({ state }: { state: string }) {
  return <LookBadge looks={RULE_STATES} value={state} />;
}

export function NotificationStatus({ status }: { status: string }) {
  return <LookBadge looks={NOTIFICATION_STATUSES} value={status} />;
}

export const SEVERITY_OPTIONS = (Object.keys(SEVERITIES) as Severity[]).map((value) => ({
  value,
  name: SEVERITIES[value].name,
}));
