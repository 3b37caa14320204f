import { CircleAlert, CircleCheck, CircleSlash, Clock, type LucideIcon } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";

const LOOKS: Record<string, { name: string; tone: Tone; icon: LucideIcon }> = {
  active: { name: "Active", tone: "ok", icon: CircleCheck },
  failing: { name: "Failing", tone: "bad", icon: CircleAlert },
  disabled: { name: "Off", tone: "idle", icon: CircleSlash },
  pending: { name: "Pending", tone: "warn", icon: Clock },
  delivered: { name: "Delivered", tone: "ok", icon: CircleCheck },
  failed: { name: "Failed", tone: "bad", icon: CircleAlert },
};

/** How a webhook is, or one of its deliveries. */
export function WebhookStatus({ status }: { status: string }) {
  const { name, tone, icon: Icon } = LOOKS[status] ?? { name: status, tone: "idle", icon: CircleSlash };
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {name}
    </Badge>
  );
}
