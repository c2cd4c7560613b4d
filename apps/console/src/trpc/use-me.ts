'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC, type ApiOutput } from './client.tsx';

export type Me = ApiOutput['me']['get'];
export type Permission = Me['permissions'][number];

/** The signed-in person. `can` says what to show, nothing more: the API decides. False until known. */
export function useMe(): { me: Me | undefined; can: (permission: Permission) => boolean } {
  const trpc = useTRPC();
  const { data: me } = useQuery(trpc.me.get.queryOptions(undefined, { staleTime: 5 * 60_000 }));
  return { me, can: (permission) => me?.permissions.includes(permission) ?? false };
}
