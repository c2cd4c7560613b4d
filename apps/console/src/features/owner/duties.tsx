'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { DutyCard } from './duty-card.tsx';

/** Who owns a server, and who approves what it offers: a part of its page, which has asked for the same. */
export function ServerDuties({ slug }: { slug: string }) {
  const { can } = useMe();
  const server = useQuery(useTRPC().server.get.queryOptions({ slug }));
  return (
    <Loaded query={server} errorTitle="Who decides could not be loaded">
      {(data) => <DutyCard of={{ ...data, kind: 'server' }} manages={can('server.manage')} />}
    </Loaded>
  );
}

/** Who owns a profile, and who decides who gets it. */
export function ProfileDuties({ slug }: { slug: string }) {
  const { can } = useMe();
  const path = usePath();
  const profile = useQuery(useTRPC().profile.get.queryOptions({ slug }));
  return (
    <Loaded query={profile} errorTitle="Who decides could not be loaded">
      {(detail) => (
        <DutyCard
          of={{ kind: 'profile', ...detail.profile, isAsked: detail.asks !== null }}
          manages={can('profile.publish')}
          actions={
            <LinkButton size="small" href={path('/access-requests')}>
              Access requests
            </LinkButton>
          }
        />
      )}
    </Loaded>
  );
}
