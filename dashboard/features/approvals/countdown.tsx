"use client";

import { Hourglass } from "lucide-react";
import { cn } from "@/lib/cn";
import { exactTime } from "@/lib/time/time";
import { useNow } from "@/lib/time/use-now";
import { isShort, timeLeft } from "./time-left";

/** How long the request still waits, counting down. Not announced every second: it is read when one gets there. */
export function Countdown({ until }: { until: string }) {
  const now = useNow(1000);
  const left = timeLeft(until, now);
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.5 text-sm whitespace-nowrap tabular-nums",
        left !== null && isShort(until, now) ? "font-medium text-bad" : "text-ink-2",
      )}
      title={exactTime(until)}
    >
      <Hourglass aria-hidden className="size-3.5" />
      {left === null ? "Time is up" : `${left} left`}
    </span>
  );
}
