import { Ban, CircleCheck, UserCheck, type LucideIcon } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import type { Check } from "./api";
import { reasonInWords } from "./asked";

const DECISIONS: Record<string, { name: string; tone: Tone; icon: LucideIcon }> = {
  allow: { name: "Goes through", tone: "ok", icon: CircleCheck },
  approval_required: { name: "Needs an approval", tone: "warn", icon: UserCheck },
  deny: { name: "Is refused", tone: "block", icon: Ban },
};

/** What becomes of the call, and why. */
export function Verdict({ check }: { check: Check }) {
  const unknown = { name: check.decision, tone: "idle" as const, icon: Ban };
  const { name, tone, icon: Icon } = DECISIONS[check.decision] ?? unknown;
  return (
    <div className="flex flex-col items-start gap-2 text-sm">
      <Badge tone={tone}>
        <Icon aria-hidden />
        {name}
      </Badge>
      <p>{reasonInWords(check)}</p>
      {check.code && <code className="font-mono text-xs text-ink-3">{check.code}</code>}
    </div>
  );
}
