'use client';

import { useMe } from '../../trpc/use-me.ts';
import { KeyList } from './key-list.tsx';

/** The keys of everybody, for those who may revoke them. Nobody makes one for somebody else. */
export function AllKeys() {
  const { can } = useMe();
  return can('client_key.manage') ? <KeyList title="Client keys of everybody" /> : null;
}
