'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Banner } from '../../ui/layout/card.tsx';
import { describeCount } from '../../ui/text/count.ts';

/** Of more nobody is told here: the list has them. */
const COUNTED = 20;

/** Who asks for profiles on which one decides, as their owner or approver. Nothing at all while nobody does. */
export function WaitingForYou() {
  const path = usePath();
  const requests = useQuery(useTRPC().accessRequest.list.queryOptions({ state: 'open', limit: COUNTED }));
  const theirs = (requests.data?.rows ?? []).filter(({ isOwn }) => !isOwn);
  const [first] = theirs;
  if (!first) return null;
  return (
    <Banner
      tone="info"
      title={
        theirs.length === 1
          ? `${first.person.name} asks for ${first.profile.name}`
          : `${describeCount(theirs.length, 'request')} for access`
      }
      action={
        <LinkButton size="small" href={path('/access-requests')}>
          Decide
        </LinkButton>
      }
    >
      {theirs.length === 1 ? 'You decide on that.' : 'You decide on them.'}
    </Banner>
  );
}
