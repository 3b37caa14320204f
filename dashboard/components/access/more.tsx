"use client";

import { Button } from "@/components/ui/button";

interface Query {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** The next page of a short list. */
export function More({ hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage }: Query) {
  if (!hasNextPage) return null;
  return (
    <div className="flex items-center justify-center gap-3 border-t px-4 py-2.5 text-sm text-ink-2">
      {isFetchNextPageError && "More could not be loaded."}
      <Button size="small" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {isFetchingNextPage ? "Loading …" : isFetchNextPageError ? "Try again" : "Show more"}
      </Button>
    </div>
  );
}
