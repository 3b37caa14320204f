"use client";

import { useQuery } from "@tanstack/react-query";
import { Ban, CircleCheck, UserCheck, type LucideIcon } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { useMe } from "@/lib/session/session";
import { checkQuery, type Tool } from "@/features/tools/api";

const DECISIONS: Record<string, { name: string; tone: Tone; icon: LucideIcon }> = {
  allow: { name: "Goes through", tone: "ok", icon: CircleCheck },
  approval_required: { name: "Needs an approval", tone: "warn", icon: UserCheck },
  deny: { name: "Is refused", tone: "block", icon: Ban },
};

/** What would become of a call by the reader, as the proxy decides it. */
export function AccessCard({ tool }: { tool: Tool }) {
  const { user } = useMe();
  const check = useQuery({
    ...checkQuery(tool, user?.id ?? ""),
    enabled: user !== null && tool.name !== null,
  });
  if (!user) return null;
  return (
    <Card title="A call by you" description="By the rules alone; limits and budgets come on top">
      {check.data ? (
        <div className="flex flex-col items-start gap-2 text-sm">
          <Decision decision={check.data.decision} />
          <p>{check.data.reason}</p>
          {check.data.code && <code className="font-mono text-xs text-ink-3">{check.data.code}</code>}
        </div>
      ) : check.error ? (
        <p className="text-sm text-ink-2">It could not be found out.</p>
      ) : (
        <Skeleton className="h-12" />
      )}
    </Card>
  );
}

function Decision({ decision }: { decision: string }) {
  const {
    name,
    tone,
    icon: Icon,
  } = DECISIONS[decision] ?? { name: decision, tone: "idle" as const, icon: Ban };
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {name}
    </Badge>
  );
}
