"use client";

import { Failed } from "@/components/states/states";

/** A fault of ours, in drawing a page. */
export default function PageFailed({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <main className="flex min-h-96 flex-col items-center justify-center">
      <Failed what="This page" error={error} onRetry={reset} />
    </main>
  );
}
