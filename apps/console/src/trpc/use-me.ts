'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC, type ApiOutput } from './client.tsx';

export type Me = ApiOutput['me']['get'];
export type Permission = Me['permissions'][number];

/** Whether the one who looks may do something, and the reason when not. */
type Permitted = ApiOutput['review']['get']['canDecide'];

const HELD: Permitted = { ok: false, reason: 'Nothing is decided while the workspace is stopped.' };

export interface Self {
  me: Me | undefined;
  /** what to offer, nothing more: the API decides. False until known, and for every change while the workspace is stopped */
  can: (permission: Permission) => boolean;
  /** the role has it, whether it is of use now or not: where to lead, and what to say of roles. False until known */
  holds: (permission: Permission) => boolean;
  /** what the API says of one object, or why not while the workspace is stopped */
  now: (permitted: Permitted) => Permitted;
  /** the workspace is suspended or about to be deleted */
  isStopped: boolean;
}

/** The signed-in person in the workspace of this page. */
export function useMe(): Self {
  const trpc = useTRPC();
  const { data: me } = useQuery(trpc.me.get.queryOptions(undefined, { staleTime: 5 * 60_000 }));
  const isStopped = me?.isStopped ?? false;
  return {
    me,
    can: (permission) => me?.usable.includes(permission) ?? false,
    holds: (permission) => me?.permissions.includes(permission) ?? false,
    now: (permitted) => (isStopped ? HELD : permitted),
    isStopped,
  };
}
