'use client';

import { matchQuery, onlineManager, type Query, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { usePathname } from 'next/navigation';
import { useEffect, useMemo, useSyncExternalStore } from 'react';

import { useTRPC } from './client.tsx';
import { AT_MOST_EVERY_MS, gatherChanges, resumeReadings } from './gather-changes.ts';
import { type LiveView, SharedStream } from './shared-stream.ts';
import { listShownQueries } from './shown-queries.ts';
import { type Me, useMe } from './use-me.ts';

const RETRY_MS = 5_000;

const isVisible = (): boolean => document.visibilityState === 'visible';
function subscribeToVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}

const PAUSED: LiveView = { leads: false, state: 'paused', since: 0 };

/** Windows share a stream that see the same workspace as the same person. */
type Whose = Pick<Me, 'tenantSlug' | 'userId'>;

/** The part of this window in the stream of its browser. */
function useSharedStream({ tenantSlug, userId }: Whose) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { gathered, stream } = useMemo(() => {
    const gathering = gatherChanges((kinds) => {
      const filters = listShownQueries(trpc, kinds);
      const isShown = (query: Query): boolean => filters.some((filter) => matchQuery(filter, query));
      // A first read that is still under way may have seen the state before the change, and invalidating leaves it alone: it starts over.
      queries
        .cancelQueries({ predicate: (query) => query.state.data === undefined && isShown(query) })
        .then(() => queries.invalidateQueries({ predicate: isShown }))
        .catch((error: unknown) => reportError(error));
    });
    const shared = new SharedStream(`gatehouse.live.${tenantSlug}.${userId}`, {
      onChange: (kind) => gathering.add(kind),
      // What changed before the stream began is unknown, so whatever was read before is read again.
      onStarted: () => void queries.invalidateQueries({ predicate: (query) => query.state.dataUpdatedAt > 0 }),
      // Reading tells a signed-out person.
      onRetry: () => void queries.invalidateQueries({ refetchType: 'active' }),
    });
    return { gathered: gathering, stream: shared };
  }, [trpc, queries, tenantSlug, userId]);
  useEffect(() => () => gathered.stop(), [gathered]);
  const shown = useSyncExternalStore(subscribeToVisibility, isVisible, () => false);
  useEffect(() => (shown ? stream.join() : undefined), [shown, stream]);
  return stream;
}

/**
 * Keeps every query of the page fresh: one event stream for the visible windows of a browser (which allows six connections per host), one re-read per burst
 * of changes. Mount once, in the shell.
 */
export function useLive(whose: Whose): LiveView {
  const trpc = useTRPC();
  const stream = useSharedStream(whose);
  const view = useSyncExternalStore(stream.subscribe, stream.getView, () => PAUSED);
  // nothing of a page that was left is read any more
  const here = usePathname();
  useEffect(() => resumeReadings, [here]);

  const { status, reset } = useSubscription(
    trpc.live.changes.subscriptionOptions(undefined, {
      enabled: view.leads,
      onStarted: () => stream.start(),
      onData: ({ kind }) => stream.change(kind),
      onError: () => stream.markLost(),
      onConnectionStateChange: ({ state }) => {
        if (state !== 'pending') stream.markLost();
      },
    }),
  );

  // The browser reconnects by itself after a lost connection, but gives up after an HTTP error.
  useEffect(() => {
    if (!view.leads || status !== 'error') return;
    const again = setTimeout(() => {
      reset();
      stream.retry();
    }, RETRY_MS);
    return () => clearTimeout(again);
  }, [view.leads, status, reset, stream]);

  return view;
}

const subscribeToNetwork = (listener: () => void): (() => void) => onlineManager.subscribe(listener);
const isNetworkThere = (): boolean => onlineManager.isOnline();

/** After an answer that did not come, milliseconds. */
const CLOCK_RETRY_MS = 15_000;

/**
 * Reads again what the clock alone changes: an agent that falls silent sends nothing, and yet is late and then offline. The answer to what needs somebody says
 * when that may be. True while that cannot be read: then nothing on the page is fresh, whatever its event stream says. Mount once, in the shell.
 */
export function useClock(): boolean {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { can } = useMe();
  const shown = useSyncExternalStore(subscribeToVisibility, isVisible, () => false);
  const needs = useQuery(trpc.overview.needs.queryOptions(undefined, { enabled: can('overview.read') }));
  const { data, dataUpdatedAt, errorUpdatedAt } = needs;
  const isFailing = errorUpdatedAt > dataUpdatedAt;
  const waitMs = isFailing ? CLOCK_RETRY_MS : data?.changesInMs;
  const isOnline = useSyncExternalStore(subscribeToNetwork, isNetworkThere, () => true);
  useEffect(() => {
    if (!shown || waitMs === undefined) return;
    const filters = listShownQueries(trpc, ['agent']);
    const timer = setTimeout(
      () => void queries.invalidateQueries({ predicate: (query) => filters.some((filter) => matchQuery(filter, query)) }),
      Math.max(AT_MOST_EVERY_MS, waitMs),
    );
    return () => clearTimeout(timer);
  }, [shown, waitMs, dataUpdatedAt, errorUpdatedAt, trpc, queries]);
  return isFailing || !isOnline;
}
