"use client";

import { PlugZap } from "lucide-react";
import { unreachableSince } from "@/lib/connection";
import { useStore } from "@/lib/store";
import { RelativeTime } from "@/components/ui/time";

/** While nobody answers: what is on the page is from before, and says so. */
export function ConnectionBanner() {
  const since = useStore(unreachableSince);
  return (
    <div role="status">
      {since !== null && (
        <p className="flex items-center justify-center gap-2 bg-warn-soft px-4 py-2 text-center text-sm text-warn">
          <PlugZap aria-hidden className="size-4 shrink-0" />
          <span>
            The control plane does not answer (<RelativeTime at={new Date(since).toISOString()} />
            ). This page goes on by itself once it is back.
          </span>
        </p>
      )}
    </div>
  );
}
