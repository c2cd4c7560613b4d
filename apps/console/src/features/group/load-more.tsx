'use client';

import { Button } from '../../ui/button.tsx';

export interface LoadMoreProps {
  /** what `useInfiniteQuery` gave */
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
  shown: number;
  /** with what is searched for */
  total: number;
}

/** How much of a list is shown, and the next page of it. */
export function LoadMore({ list, shown, total }: LoadMoreProps) {
  return (
    <>
      {shown.toLocaleString('en')} of {total.toLocaleString('en')}
      {list.hasNextPage && (
        <Button variant="ghost" size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Load more
        </Button>
      )}
    </>
  );
}
