import { Ban, EyeOff, ScrollText, ShieldCheck, TriangleAlert, type LucideIcon } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import { inWords } from "@/lib/in-words";
import { DISPOSITIONS, nameIn } from "./vocabulary";

const SEVERITY_TONES: Record<string, Tone> = { low: "idle", medium: "warn", high: "bad", critical: "bad" };

export function Severity({ severity }: { severity: string }) {
  return <Badge tone={SEVERITY_TONES[severity]}>{inWords(severity)}</Badge>;
}

const STRICTEST: { tone: Tone; icon: LucideIcon } = { tone: "block", icon: Ban };
const REDACT: { tone: Tone; icon: LucideIcon } = { tone: "accent", icon: EyeOff };
const WARN: { tone: Tone; icon: LucideIcon } = { tone: "warn", icon: TriangleAlert };
const LOG: { tone: Tone; icon: LucideIcon } = { tone: "idle", icon: ScrollText };

/** What a policy does is a mode, what was done is an action: they look the same. */
const ACTIONS: Record<string, { tone: Tone; icon: LucideIcon }> = {
  block: STRICTEST,
  blocked: STRICTEST,
  redact: REDACT,
  redacted: REDACT,
  warn: WARN,
  warned: WARN,
  log: LOG,
  logged: LOG,
  allow: { tone: "ok", icon: ShieldCheck },
};

export function Action({ action }: { action: string }) {
  const { tone, icon: Icon } = ACTIONS[action] ?? LOG;
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {inWords(action)}
    </Badge>
  );
}

const DISPOSITION_TONES: Record<string, Tone> = { true_positive: "bad", false_positive: "ok" };

export function Disposition({ disposition }: { disposition: string }) {
  return <Badge tone={DISPOSITION_TONES[disposition]}>{nameIn(DISPOSITIONS, disposition)}</Badge>;
}
