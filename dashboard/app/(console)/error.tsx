"use client";

import { Failed } from "@/components/states/states";

/** The same within the frame, which stays. */
export default function PageFailed({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <div className="flex min-h-96 flex-col items-center justify-center">
      <Failed what="This page" error={error} onRetry={reset} />
    </div>
  );
}
