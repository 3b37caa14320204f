import { BellOff, CalendarClock, CircleCheck } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { Standing } from "./draft";

const LOOKS = {
  active: { name: "Active", tone: "warn", icon: BellOff },
  planned: { name: "Planned", tone: "accent", icon: CalendarClock },
  over: { name: "Over", tone: "idle", icon: CircleCheck },
} as const;

export function StandingBadge({ standing }: { standing: Standing }) {
  const { name, tone, icon: Icon } = LOOKS[standing];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {name}
    </Badge>
  );
}
