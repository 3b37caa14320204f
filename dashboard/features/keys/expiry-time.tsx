"use client";

import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { RelativeTime } from "@/components/ui/time";
import { expiresSoon } from "./words";

/** When a key ends; with a sign where that is soon. */
export function ExpiryTime({ at }: { at: string | null }) {
  const [now] = useState(Date.now);
  if (at === null) return <span className="text-ink-3">Never</span>;
  if (!expiresSoon(at, now)) return <RelativeTime at={at} className="text-ink-2" />;
  return (
    <span className="inline-flex items-center gap-1 text-warn">
      <TriangleAlert aria-hidden className="size-3.5" />
      <RelativeTime at={at} />
      <span className="sr-only">, soon</span>
    </span>
  );
}
