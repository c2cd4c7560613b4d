'use client';

import { useInfiniteQuery } from '@tanstack/react-query';

import { useTRPC } from './client.tsx';
import { LIST_PAGES, LONGEST_PAGE } from './list-pages.ts';
import { useWholeList } from './use-whole-list.ts';

interface Which {
  siteId?: string;
  serverId?: string;
}

/** Every agent, or every one of a site or at the sites of a server: what forms offer. */
export function useAgents(which: Which = {}, { enabled = true }: { enabled?: boolean } = {}) {
  const { getNextPageParam } = LIST_PAGES;
  const agents = useInfiniteQuery(
    useTRPC().agent.list.infiniteQueryOptions({ ...which, sort: 'name', limit: LONGEST_PAGE }, { getNextPageParam, enabled }),
  );
  return useWholeList(agents);
}
