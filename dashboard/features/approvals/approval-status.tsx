import {
  Ban,
  CircleCheck,
  CircleCheckBig,
  CircleSlash,
  Hourglass,
  TimerOff,
  type LucideIcon,
} from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import { inWords } from "@/lib/in-words";

const LOOKS: Record<string, { tone: Tone; icon: LucideIcon }> = {
  pending: { tone: "warn", icon: Hourglass },
  approved: { tone: "ok", icon: CircleCheck },
  consumed: { tone: "ok", icon: CircleCheckBig },
  denied: { tone: "bad", icon: Ban },
  expired: { tone: "idle", icon: TimerOff },
  cancelled: { tone: "idle", icon: CircleSlash },
};

export const APPROVAL_STATUSES = Object.keys(LOOKS);

export function ApprovalStatus({ status }: { status: string }) {
  const { tone, icon: Icon } = LOOKS[status] ?? { tone: "idle", icon: CircleSlash };
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {inWords(status)}
    </Badge>
  );
}
