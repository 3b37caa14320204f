import { Ban, CircleCheck, Clock, RefreshCw, type LucideIcon } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import type { ApiKey } from "./api";

const LOOKS: Record<string, { tone: Tone; icon: LucideIcon; name: string }> = {
  active: { tone: "ok", icon: CircleCheck, name: "Active" },
  rotating: { tone: "accent", icon: RefreshCw, name: "Rotating" },
  expired: { tone: "idle", icon: Clock, name: "Expired" },
  revoked: { tone: "bad", icon: Ban, name: "Revoked" },
};

export function KeyStatus({ status }: { status: ApiKey["status"] }) {
  const look = LOOKS[status];
  if (!look) return <Badge>{status}</Badge>;
  const Icon = look.icon;
  return (
    <Badge tone={look.tone}>
      <Icon aria-hidden />
      {look.name}
    </Badge>
  );
}
