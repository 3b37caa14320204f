import { infiniteQueryOptions, keepPreviousData, type QueryKey } from "@tanstack/react-query";

interface Paged {
  next_cursor: string | null;
}

/** A list of the API, page after page by its cursor. */
export function pagedQuery<Page extends Paged>(
  queryKey: QueryKey,
  fetchPage: (cursor: { cursor?: string }, signal: AbortSignal) => Promise<Page>,
) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam: cursor, signal }) => fetchPage(cursor ? { cursor } : {}, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
}
