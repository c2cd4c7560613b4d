'use client';

import { useInfiniteQuery } from '@tanstack/react-query';

import { useTRPC } from './client.tsx';
import { LIST_PAGES, LONGEST_PAGE } from './list-pages.ts';
import { useWholeList } from './use-whole-list.ts';

/** Every site, by name: what forms offer and lists are narrowed to. */
export function useSites({ enabled = true }: { enabled?: boolean } = {}) {
  const { getNextPageParam } = LIST_PAGES;
  const sites = useInfiniteQuery(
    useTRPC().site.list.infiniteQueryOptions({ limit: LONGEST_PAGE }, { getNextPageParam, enabled }),
  );
  return useWholeList(sites);
}

/** The same as the options of a filter; none where there is nothing to narrow. */
export function useSiteOptions(): { value: string; label: string }[] {
  const sites = useSites().data ?? [];
  return sites.length > 1 ? sites.map(({ id, name }) => ({ value: id, label: name })) : [];
}
