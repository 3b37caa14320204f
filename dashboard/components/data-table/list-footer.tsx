import { Button } from "@/components/ui/button";
import { count } from "@/lib/number";

interface Props {
  shown: number;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** Below the rows of a list that is read page by page: how many there are, and whether more come. */
export function ListFooter(props: Props) {
  const { shown, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = props;
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
  return hasNextPage ? `${count(shown)} loaded, ${more}` : `${count(shown)} in all`;
}
