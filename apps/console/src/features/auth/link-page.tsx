'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { type AccountOutput, useAccountTRPC } from '../../trpc/account-client.tsx';
import { LinkButton } from '../../ui/button.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { Bar, SkeletonPage, toReadableError } from '../../ui/status/states.tsx';
import { useLinkToken } from './use-link-token.ts';

export type Link = AccountOutput['readLink'];

export interface LinkPageProps {
  kind: 'invitation' | 'reset';
  children: (link: Link, token: string) => ReactNode;
}

/** What a link opens, or why it opens nothing. A link that was cut on its way is said to be cut: nothing is asked about it. */
export function LinkPage({ kind, children }: LinkPageProps) {
  const trpc = useAccountTRPC();
  const token = useLinkToken();
  const link = useQuery(
    trpc.readLink.queryOptions({ kind, token: token ?? '' }, { enabled: Boolean(token), staleTime: Infinity, gcTime: 0 }),
  );
  if (token === '')
    return (
      <NoEntry title="This link is not whole">
        What stands behind # in it is missing. Open it as it was given to you, to its last letter.
      </NoEntry>
    );
  if (link.error && toReadableError(link.error).kind !== 'failed')
    return <NoEntry title="This link does not work">{toReadableError(link.error).message}</NoEntry>;
  return (
    <Loaded isPage query={link} skeleton={<LinkSkeleton />} errorTitle="The link could not be looked at">
      {(found) => children(found, token ?? '')}
    </Loaded>
  );
}

/** Nothing to fill in here; whoever has an account already goes on by signing in. */
function NoEntry({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div role="alert">
      <h1 className="text-xl font-semibold">{title}</h1>
      <p className="mt-1 mb-6 text-muted">{children}</p>
      <p className="mb-3 text-muted">You have a password already?</p>
      <LinkButton href="/login" size="large">
        Sign in
      </LinkButton>
    </div>
  );
}

function LinkSkeleton() {
  return (
    <SkeletonPage>
      <div className="flex flex-col gap-4">
        <Bar className="h-10 w-full" />
        <Bar className="h-10 w-full" />
      </div>
    </SkeletonPage>
  );
}
