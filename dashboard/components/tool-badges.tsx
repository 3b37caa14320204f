import {
  Ban,
  CircleCheck,
  CircleHelp,
  CircleSlash,
  FileDiff,
  OctagonAlert,
  ShieldAlert,
  ShieldCheck,
  Sparkles,
  type LucideIcon,
} from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";

interface Look {
  name: string;
  tone: Tone;
  icon: LucideIcon;
}

const STATUSES: Record<string, Look> = {
  active: { name: "Active", tone: "ok", icon: CircleCheck },
  new: { name: "New", tone: "accent", icon: Sparkles },
  changed: { name: "Changed", tone: "warn", icon: FileDiff },
  blocked: { name: "Blocked", tone: "block", icon: Ban },
  removed: { name: "Removed", tone: "idle", icon: CircleSlash },
};

const LEVELS: Record<string, Look> = {
  safe: { name: "Safe", tone: "ok", icon: ShieldCheck },
  sensitive: { name: "Sensitive", tone: "warn", icon: ShieldAlert },
  dangerous: { name: "Dangerous", tone: "bad", icon: OctagonAlert },
};

export const TOOL_STATUSES = Object.keys(STATUSES);
export const TOOL_LEVELS = Object.keys(LEVELS);

/** Where a tool's definition stands: reviewed, new, changed since, … */
export function ToolStatus({ status }: { status: string }) {
  return <Drawn value={status} looks={STATUSES} />;
}

/** How dangerous a tool is. */
export function ToolLevel({ level }: { level: string }) {
  return <Drawn value={level} looks={LEVELS} />;
}

function Drawn({ value, looks }: { value: string; looks: Record<string, Look> }) {
  const { name, tone, icon: Icon } = looks[value] ?? { name: value, tone: "idle" as const, icon: CircleHelp };
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {name}
    </Badge>
  );
}

const ACTIONS: Record<string, string> = {
  allow: "Calls go through",
  approve: "Each call needs an approval",
  deny: "Calls are refused",
};

/** What becomes of a call when no permission says otherwise. */
export function actionInWords(action: string): string {
  return ACTIONS[action] ?? action;
}
