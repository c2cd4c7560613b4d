import { matchQuery, QueryClient } from '@tanstack/react-query';
import { createTRPCClient } from '@trpc/client';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { expect, test } from 'vitest';

import type { AppRouter } from '../../src/server/api/root.ts';
import { type ChangeKind, listShownQueries } from '../../src/trpc/shown-queries.ts';

const queryClient = new QueryClient();
const trpc = createTRPCOptionsProxy<AppRouter>({ client: createTRPCClient({ links: [] }), queryClient });

/** Every query for which definitions of what servers offer are read. */
const DEFINITIONS = {
  'server.get': trpc.server.get.queryKey({ slug: 'orders' }),
  'entry.offers': trpc.entry.offers.queryKey(),
  'entry.choices': trpc.entry.choices.queryKey(),
  'entry.choice': trpc.entry.choice.queryKey(),
  'profile.preview': trpc.profile.preview.queryKey(),
  'review.get': trpc.review.get.queryKey(),
};
/** Carries none, but reads those of the selected entries, to check argument rules against them. */
const SELECTED = { 'profile.get': trpc.profile.get.queryKey({ slug: 'support' }) };
const OTHERS = {
  'agent.list': trpc.agent.list.queryKey(),
  'agent.get': trpc.agent.get.queryKey(),
  'server.list': trpc.server.list.queryKey(),
  'profile.endpoints': trpc.profile.endpoints.queryKey({ slug: 'support' }),
  'profile.list': trpc.profile.list.queryKey(),
  'profile.rollout': trpc.profile.rollout.queryKey(),
  'overview.get': trpc.overview.get.queryKey(),
  'overview.needs': trpc.overview.needs.queryKey(),
};

/** Which of these queries a change of this kind makes the page read again. */
function readAgain(kind: ChangeKind, keys: Record<string, readonly unknown[]>): string[] {
  const filters = listShownQueries(trpc, [kind]);
  return Object.keys(keys).filter((name) => {
    const query = queryClient.getQueryCache().build(queryClient, { queryKey: keys[name] ?? [] });
    return filters.some((filter) => matchQuery(filter, query));
  });
}

test.each(['agent', 'receipt', 'discovery', 'join_token', 'client_key', 'site', 'member'] as const)(
  'a change of kind %s reads no definitions again',
  (kind) => {
    expect(readAgain(kind, DEFINITIONS)).toEqual([]);
    expect(readAgain(kind, SELECTED)).toEqual([]);
  },
);

test.each(['server', 'review', 'profile'] as const)(
  'a change of kind %s reads the definitions that it may have changed',
  (kind) => {
    expect(readAgain(kind, DEFINITIONS)).toContain('server.get');
    expect(readAgain(kind, DEFINITIONS)).toEqual(expect.arrayContaining(['entry.offers', 'entry.choices', 'entry.choice']));
    expect(readAgain(kind, SELECTED)).toEqual(['profile.get']);
  },
);

test('an agent that reports refreshes every list that shows its report', () => {
  expect(readAgain('agent', OTHERS)).toEqual(Object.keys(OTHERS));
});
