'use client';

import type { ReactNode } from 'react';

import { ErrorState, SkeletonPage, SkeletonRows } from './states.tsx';

interface QueryLike<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => Promise<unknown>;
}

export interface LoadedProps<T> {
  /** what `useQuery` gave */
  query: QueryLike<T>;
  /** in the shape of what will come; by default a table, below a title when it is the whole page */
  skeleton?: ReactNode;
  errorTitle?: string;
  /** it is the whole page: skeleton and error bring the title */
  isPage?: boolean;
  children: (data: T) => ReactNode;
}

/** Skeleton, then data; data that was read once stays while it is read again; an error only when there is nothing to show. */
export function Loaded<T>({ query, skeleton, errorTitle, isPage = false, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error)
    return <ErrorState error={query.error} title={errorTitle} isPage={isPage} onRetry={() => void query.refetch()} />;
  return (
    <div aria-busy>
      <output className="sr-only">Loading</output>
      {skeleton ?? (isPage ? <SkeletonPage /> : <SkeletonRows />)}
    </div>
  );
}
