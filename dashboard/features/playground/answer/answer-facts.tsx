"use client";

import { useQuery } from "@tanstack/react-query";
import { Ban, CircleAlert, CircleCheck, CircleHelp, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "@/components/link";
import { Badge, type Tone } from "@/components/ui/badge";
import { Money } from "@/components/ui/money";
import { useMay } from "@/lib/session/session";
import { duration } from "@/lib/time/time";
import { costQuery } from "@/features/playground/api";
import type { Answer } from "@/features/playground/mcp/call-tool";

const KINDS: Record<Answer["kind"], { name: string; tone: Tone; icon: LucideIcon }> = {
  success: { name: "Success", tone: "ok", icon: CircleCheck },
  tool_error: { name: "The tool failed", tone: "bad", icon: CircleAlert },
  refused: { name: "Refused by the gateway", tone: "block", icon: Ban },
  failed: { name: "Failed", tone: "bad", icon: CircleAlert },
  asks: { name: "Asks for more", tone: "warn", icon: CircleHelp },
};

/** How it ended, how long it took, what it cost, and where to see more. */
export function AnswerFacts({ answer }: { answer: Answer }) {
  const { name, tone, icon: Icon } = KINDS[answer.kind];
  const mayTrace = useMay("traces:read");
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
      <Badge tone={tone}>
        <Icon aria-hidden />
        {name}
      </Badge>
      <Fact name="Took">
        <span title={`${duration(answer.waitedMs)} as this browser waited`}>
          {duration(answer.durationMs ?? answer.waitedMs)}
        </span>
      </Fact>
      <Fact name="Cost">
        <Cost answer={answer} />
      </Fact>
      {mayTrace && (
        <Link href={`/trace?id=${answer.traceId}`} className="text-accent hover:underline">
          Trace
        </Link>
      )}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <span className="tabular-nums">
      <span className="text-ink-3">{name}</span> {children}
    </span>
  );
}

function Cost({ answer }: { answer: Answer }) {
  const mayTrace = useMay("traces:read");
  const later = useQuery({ ...costQuery(answer.traceId), enabled: mayTrace && answer.cost === null });
  return <Money amount={answer.cost ?? later.data ?? null} />;
}
