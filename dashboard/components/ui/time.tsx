"use client";

import { useEffect, useState } from "react";
import { clockTime, exactTime, relativeTime, staysTrueFor } from "@/lib/time/time";

/** “5 min. ago”, kept true while it is shown; the exact instant is its title. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), staysTrueFor(at, now));
    return () => clearTimeout(timer);
  }, [at, now]);
  return (
    <time dateTime={at} title={exactTime(at)} className={className}>
      {relativeTime(at, now)}
    </time>
  );
}

export function ClockTime({ at, className }: { at: string; className?: string }) {
  return (
    <time dateTime={at} title={exactTime(at)} className={className}>
      {clockTime(at)}
    </time>
  );
}
