import { Ban, CircleAlert, CircleCheck, CircleSlash, Timer, type LucideIcon } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import { cn } from "@/lib/cn";

interface Look {
  name: string;
  tone: Tone;
  icon: LucideIcon;
  text: string;
  bar: string;
}

const LOOKS: Record<string, Look> = {
  success: { name: "Success", tone: "ok", icon: CircleCheck, text: "text-ok", bar: "bg-accent" },
  error: { name: "Error", tone: "bad", icon: CircleAlert, text: "text-bad", bar: "bg-bad" },
  timeout: { name: "Timeout", tone: "warn", icon: Timer, text: "text-warn", bar: "bg-warn" },
  blocked: { name: "Blocked", tone: "block", icon: Ban, text: "text-block", bar: "bg-block" },
  cancelled: { name: "Cancelled", tone: "idle", icon: CircleSlash, text: "text-idle", bar: "bg-idle" },
};

export const SPAN_STATUSES = Object.keys(LOOKS);

/** Statuses may be added by the API: an unknown one is shown as it is called. */
export function lookOfStatus(status: string): Look {
  return (
    LOOKS[status] ?? { name: status, tone: "idle", icon: CircleSlash, text: "text-idle", bar: "bg-idle" }
  );
}

/** How a span ended: a colour, a sign and a word. */
export function SpanStatus({ status }: { status: string }) {
  const { name, tone, icon: Icon } = lookOfStatus(status);
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {name}
    </Badge>
  );
}

/** The same in a row of many. */
export function QuietStatus({ status, short }: { status: string; short?: boolean }) {
  const { name, icon: Icon, text } = lookOfStatus(status);
  return (
    <span className={cn("flex min-w-0 items-center gap-1.5", text)} title={name}>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span className={cn(short && "sr-only sm:not-sr-only")}>{name}</span>
    </span>
  );
}
