"use client";

import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";

interface Props {
  query: UseInfiniteQueryResult;
}

/** The next page of what is no table: of cards, or of a short list. */
export function More({ query }: Props) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
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
