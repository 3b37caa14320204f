"use client";

import { useQuery } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import { count, percent } from "@/lib/number";
import { usageQuery, type RateLimit } from "./api";
import { MemberName } from "./member-name";

/** What is used of it right now, by each that it counts. */
export function UsageCard({ limit }: { limit: RateLimit }) {
  const usage = useQuery(usageQuery);
  const counters = usage.data?.filter(({ rate_limit_id }) => rate_limit_id === limit.id);
  return (
    <Card flush title="Used right now" description="Those who have called lately">
      {usage.error && !usage.data ? (
        <Failed small what="The usage" error={usage.error} onRetry={() => void usage.refetch()} />
      ) : !counters ? (
        <Skeleton className="m-4 h-20" />
      ) : counters.length === 0 ? (
        <Notice small icon={Gauge} title="Nothing is used of it">
          <p>{limit.enabled ? "Nobody whom it covers has called lately." : "It is off."}</p>
        </Notice>
      ) : (
        <ul>
          {counters.map(({ scope_value, used, limit: most, resets_at }) => (
            <li
              key={scope_value}
              className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t px-4 py-2 text-sm sm:px-5"
            >
              <span className="min-w-0 grow">
                <MemberName scope={limit.scope_type} value={scope_value} />
              </span>
              <span className="tabular-nums">
                {count(used)} of {count(most)} ({percent(most > 0 ? used / most : 0)})
              </span>
              <span className="text-ink-3">
                resets <RelativeTime at={resets_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
