import { Ban, CircleAlert, CircleCheck, type LucideIcon } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import { inWords } from "@/lib/in-words";

const LOOKS: Record<string, { tone: Tone; icon: LucideIcon }> = {
  success: { tone: "ok", icon: CircleCheck },
  failure: { tone: "bad", icon: CircleAlert },
  denied: { tone: "block", icon: Ban },
};

export function Outcome({ outcome }: { outcome: string }) {
  const { tone, icon: Icon } = LOOKS[outcome] ?? { tone: "idle", icon: CircleAlert };
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {inWords(outcome)}
    </Badge>
  );
}
