import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { count } from "@/lib/number";

interface Props {
  shown: number;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => Promise<unknown>;
  /** Said after how many there are. */
  children?: ReactNode;
}

/** Below a list that is loaded page by page: how many are here, whether there are more, and another try. */
export function ListFooter(props: Props) {
  const { shown, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, children } = props;
  if (isFetchNextPageError) {
    return (
      <span className="flex items-center gap-3">
        More could not be loaded.
        <Button size="small" onClick={() => void fetchNextPage()}>
          Try again
        </Button>
      </span>
    );
  }
  const more = isFetchingNextPage ? "loading more …" : "more below";
  return (
    <>
      {hasNextPage ? `${count(shown)} loaded, ${more}` : `${count(shown)} in all`}
      {children}
    </>
  );
}
