'use client';

import { useEffect } from 'react';

interface PagedQuery<Row> {
  data: { pages: readonly { rows: readonly Row[] }[] } | undefined;
  error: unknown;
  hasNextPage: boolean;
  isFetching: boolean;
  refetch: () => Promise<unknown>;
  fetchNextPage: () => Promise<unknown>;
}

/** Everything of a list that `useInfiniteQuery` reads, page after page: for a form that offers all of a few things. Nothing before the last page is there. */
export function useWholeList<Row>(query: PagedQuery<Row>) {
  const { data, error, hasNextPage, isFetching, fetchNextPage, refetch } = query;
  const goesOn = hasNextPage && !isFetching && !error;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
  const isWhole = data !== undefined && !hasNextPage;
  return {
    data: isWhole ? data.pages.flatMap((page) => page.rows) : undefined,
    error,
    refetch,
    isSuccess: isWhole,
    isPending: !isWhole,
  };
}
