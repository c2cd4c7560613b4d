'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Banner } from '../../ui/layout/card.tsx';
import { describeCount } from '../../ui/text/count.ts';

/** Of more nobody is told here: the list has them. */
const COUNTED = 20;

/** What waits for who owns something or decides on it: new versions, and who asks for profiles. Nothing at all while nothing does. */
export function WaitingForYou() {
  return (
    <>
      <Versions />
      <Requests />
    </>
  );
}

/** New versions of profiles that one owns, each of which waits for that. */
function Versions() {
  const path = usePath();
  const owned = useQuery(useTRPC().owner.owned.queryOptions());
  const waiting = (owned.data ?? []).filter(({ openRequestId }) => openRequestId !== null);
  return waiting.map(({ id, name, openRequestId }) => (
    <Banner
      key={id}
      tone="info"
      title={`A new version of ${name} waits for you to agree`}
      action={
        <LinkButton size="small" href={path(`/publish-requests/${openRequestId}`)}>
          Look at it
        </LinkButton>
      }
    >
      You own it, so nothing of it is served without your consent.
    </Banner>
  ));
}

/** Who asks for profiles on which one decides, as their owner or approver. */
function Requests() {
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
