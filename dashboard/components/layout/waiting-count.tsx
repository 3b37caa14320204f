"use client";

import { useQuery } from "@tanstack/react-query";
import { driftQuery, firingAlertsQuery, pendingApprovalsQuery } from "@/lib/attention/attention";
import { cn } from "@/lib/cn";
import { shortCount } from "@/lib/number";

const WAITING = {
  "/approvals": { query: pendingApprovalsQuery, says: "pending" },
  "/alerts": { query: firingAlertsQuery, says: "firing" },
  "/tools": { query: driftQuery, says: "to review" },
};

/** How much waits for a person on a page, where something can; who sees its entry may count it. */
export function WaitingCount({ path, folded }: { path: string; folded?: boolean }) {
  if (!isWaitedAt(path)) return null;
  return <Count {...WAITING[path]} folded={folded} />;
}

function isWaitedAt(path: string): path is keyof typeof WAITING {
  return path in WAITING;
}

type Waiting = (typeof WAITING)[keyof typeof WAITING];

function Count({ query, says, folded }: Waiting & { folded?: boolean }) {
  const { data: count = 0 } = useQuery(query);
  if (count === 0) return null;
  return (
    <span
      className={cn(
        "rounded-full bg-warn-soft font-medium text-warn tabular-nums",
        folded
          ? "absolute top-0.5 right-0.5 size-2 overflow-hidden bg-warn"
          : "ml-auto px-1.5 text-xs leading-5",
      )}
    >
      <span className={cn(folded && "sr-only")}>{shortCount(count)}</span>
      <span className="sr-only"> {says}</span>
    </span>
  );
}
