'use client';

import type { ReactNode } from 'react';

import { Button } from '../button.tsx';
import { describeCount } from '../text/count.ts';

/** The verbs count no further. */
const MOST_COUNTED = 10_000;

export interface ListFooterProps {
  shown: number;
  total: number;
  noun: readonly [string, string];
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
  /** said after the count */
  note?: ReactNode;
}

/** How much of a list is shown, and the way to more of it. */
export function ListFooter({ shown, total, noun: [one, many], query, note }: ListFooterProps) {
  return (
    <>
      <output>{describeShown(shown, total, one, many)}</output>
      {query.hasNextPage && (
        <Button variant="ghost" size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Load more
        </Button>
      )}
      {note}
    </>
  );
}

/** "7 servers", "50 of 5,000 members", "50 of more than 10,000 calls". */
function describeShown(shown: number, total: number, one: string, many: string): string {
  if (shown >= total) return describeCount(shown, one, many);
  const all = total > MOST_COUNTED ? `more than ${MOST_COUNTED.toLocaleString('en')} ${many}` : describeCount(total, one, many);
  return `${shown.toLocaleString('en')} of ${all}`;
}
