import { infiniteQueryOptions, keepPreviousData, type QueryKey } from "@tanstack/react-query";

interface Paged {
  next_cursor: string | null;
}

/** What a page is asked for by, among the rest of the query. */
interface PageRequest {
  limit: number;
  cursor?: string;
}

interface Options {
  limit?: number;
  refetchInterval?: number;
}

/** A list of the API, page after page by its cursor. */
export function pagedQuery<Page extends Paged>(
  queryKey: QueryKey,
  fetchPage: (request: PageRequest, signal: AbortSignal) => Promise<Page>,
  { limit = 100, ...options }: Options = {},
) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam: cursor, signal }) => fetchPage({ limit, ...(cursor && { cursor }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    ...options,
  });
}
