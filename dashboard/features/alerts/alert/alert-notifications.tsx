"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { More } from "@/components/data-table/more";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { ClockTime, RelativeTime } from "@/components/ui/time";
import { NotificationStatus } from "@/features/alerts/looks";
import {
  DEFAULT_SORT,
  EVENTS,
  notificationsQuery,
  type Notification,
} from "@/features/alerts/notifications/api";
import { useDirectory } from "@/lib/directory/directory";
import { plural } from "@/lib/number";

/** Who was told of one alert. */
export function AlertNotifications({ id }: { id: string }) {
  const sent = useInfiniteQuery(notificationsQuery({ alert_id: id }, DEFAULT_SORT));
  const channels = useDirectory("channel");
  const rows = sent.data?.pages.flatMap((page) => page.notifications);
  return (
    <Card flush title="Who was told" description="The newest first; each is tried up to five times">
      {rows?.length === 0 ? (
        <Notice small icon={Send} title="Nobody">
          <p>The rule names no channel for it, or a silence holds it back.</p>
        </Notice>
      ) : rows ? (
        <ul className="border-t">
          {rows.map((one) => (
            <Told key={one.id} told={one} channel={one.channel_id && channels.nameOf(one.channel_id)} />
          ))}
        </ul>
      ) : sent.error ? (
        <Failed small what="The notifications" error={sent.error} onRetry={() => void sent.refetch()} />
      ) : (
        <Skeleton className="m-4 h-32" />
      )}
      <More query={sent} />
    </Card>
  );
}

function Told({ told, channel }: { told: Notification; channel: string | null }) {
  return (
    <li className="border-b px-4 py-2.5 text-sm last:border-0 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <NotificationStatus status={told.status} />
        <span className="font-medium">{EVENTS[told.event] ?? told.event}</span>
        <span className="text-ink-2">{channel ?? "A channel that is gone"}</span>
        <ClockTime at={told.created_at} className="ml-auto text-xs text-ink-3 tabular-nums" />
      </div>
      {(told.error || told.attempts > 1 || told.next_attempt_at) && (
        <p className="mt-1 break-words text-ink-2">
          {[
            told.error,
            told.response_status !== null && `HTTP ${told.response_status}`,
            told.attempts > 0 && plural(told.attempts, "attempt"),
          ]
            .filter(Boolean)
            .join(" · ")}
          {told.next_attempt_at && (
            <>
              {" "}
              · next try <RelativeTime at={told.next_attempt_at} />
            </>
          )}
        </p>
      )}
    </li>
  );
}
