'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';

/** A missed hint costs this long at most, milliseconds. */
const POLL_MS = 2_000;

/** How far the enrolment with a token has come, read again until the agent has acknowledged its first configuration. */
export function useEnrolment(tokenId: string) {
  const trpc = useTRPC();
  return useQuery(
    trpc.joinToken.get.queryOptions(
      { id: tokenId },
      { refetchInterval: ({ state }) => (state.data?.ackedAt || state.error ? false : POLL_MS) },
    ),
  );
}
