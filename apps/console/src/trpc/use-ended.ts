'use client';

import { type QueryFilters, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';

import { useToast } from '../ui/overlay/toast.tsx';
import { pauseReadings, resumeReadings } from './gather-changes.ts';
import { usePath } from './use-path.ts';

export interface Ended {
  /** ends it; what it throws goes to whoever asked */
  run: () => Promise<unknown>;
  /** the list in which it stood: `trpc.group.list.pathFilter()` */
  list: QueryFilters;
  /** "Support was deleted" */
  said: string;
  description?: string;
  /** where to go, below the workspace; left out: the page stays, it was a row of it */
  goTo?: string;
}

/**
 * Ends something, and what follows: its list is read again, it is said, and its page is left. The change arrives here before the next page does, so until then
 * nothing is read again.
 */
export function useEnded(): (ended: Ended) => Promise<void> {
  const queries = useQueryClient();
  const router = useRouter();
  const path = usePath();
  const toast = useToast();
  return async ({ run, list, said, description, goTo }) => {
    if (goTo !== undefined) pauseReadings();
    try {
      await run();
    } catch (error) {
      resumeReadings();
      throw error;
    }
    await queries.invalidateQueries(list);
    toast({ title: said, ...(description !== undefined && { description }) });
    if (goTo !== undefined) router.push(path(goTo));
  };
}
