import {
  Ban,
  CircleAlert,
  CircleCheck,
  CirclePause,
  LockOpen,
  TriangleAlert,
  type LucideIcon,
} from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import type { Budget, BudgetStatus as Status } from "./api";

const LOOKS: Record<Status, { name: string; tone: Tone; icon: LucideIcon }> = {
  ok: { name: "OK", tone: "ok", icon: CircleCheck },
  warning: { name: "Warning", tone: "warn", icon: TriangleAlert },
  exceeded: { name: "Exceeded", tone: "bad", icon: CircleAlert },
  blocked: { name: "Blocked", tone: "block", icon: Ban },
  overridden: { name: "Overridden", tone: "accent", icon: LockOpen },
};

export function BudgetStatus({ status, enabled }: Pick<Budget, "status" | "enabled">) {
  if (!enabled) {
    return (
      <Badge>
        <CirclePause aria-hidden />
        Off
      </Badge>
    );
  }
  const { name, tone, icon: Icon } = LOOKS[status] ?? { name: status, tone: "idle", icon: CircleAlert };
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {name}
    </Badge>
  );
}
