'use client';

import { type QueryFilters, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';

import { useToast } from '../ui/overlay/toast.tsx';
import { usePath } from './use-path.ts';

export interface Ended {
  /** the list in which it stood: `trpc.group.list.pathFilter()` */
  list: QueryFilters;
  /** "Support was deleted" */
  said: string;
  /** where to go, below the workspace; left out: the page stays, it was a row of it */
  goTo?: string;
}

/** What follows when something has been ended: its list is read again, it is said, and its page is left. */
export function useEnded(): (ended: Ended) => Promise<void> {
  const queries = useQueryClient();
  const router = useRouter();
  const path = usePath();
  const toast = useToast();
  return async ({ list, said, goTo }) => {
    await queries.invalidateQueries(list);
    toast({ title: said });
    if (goTo !== undefined) router.push(path(goTo));
  };
}
