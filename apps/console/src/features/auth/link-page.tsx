'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { type AccountOutput, useAccountTRPC } from '../../trpc/account-client.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { useLinkToken } from './use-link-token.ts';

export type Link = AccountOutput['readLink'];

export interface LinkPageProps {
  kind: 'invitation' | 'reset';
  children: (link: Link, token: string) => ReactNode;
}

/** What a link opens, or why it opens nothing. */
export function LinkPage({ kind, children }: LinkPageProps) {
  const trpc = useAccountTRPC();
  const token = useLinkToken();
  const link = useQuery(
    trpc.readLink.queryOptions({ kind, token: token ?? '' }, { enabled: token !== null, staleTime: Infinity, gcTime: 0 }),
  );
  return (
    <Loaded isPage query={link} skeleton={null} errorTitle="This link does not work">
      {(found) => children(found, token ?? '')}
    </Loaded>
  );
}
