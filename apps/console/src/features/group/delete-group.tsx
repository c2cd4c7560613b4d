'use client';

import { useMutation } from '@tanstack/react-query';
import Link from 'next/link';
import { Fragment } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { useEnded } from '../../trpc/use-ended.ts';
import { usePath } from '../../trpc/use-path.ts';
import { WhatStops } from '../../ui/entity/what-stops.tsx';
import { DangerZone } from '../../ui/overlay/danger-zone.tsx';
import type { GroupDetail } from './group-page.tsx';

/** The end of a group that has nothing any more; what it has stands above with its links. */
export function DeleteGroup({ group }: { group: GroupDetail }) {
  const trpc = useTRPC();
  const end = useEnded();
  const remove = useMutation(trpc.group.delete.mutationOptions());

  async function confirm(): Promise<void> {
    await end({
      run: () => remove.mutateAsync({ groupId: group.id }),
      list: trpc.group.list.pathFilter(),
      said: `${group.name} was deleted`,
      goTo: '/groups',
    });
  }

  const isHeld = group.dependents.total > 0;
  return (
    <DangerZone
      act="Delete group"
      title={`Delete ${group.name}?`}
      words={
        isHeld ? (
          <Dependents dependents={group.dependents} />
        ) : (
          'It has, owns and decides on nothing, so the group can be deleted. Its people stay in the workspace.'
        )
      }
      disabledReason={isHeld ? 'Take from it first what it has, owns or decides on.' : undefined}
      onConfirm={confirm}
    >
      <p>Nothing stops working. Who was in it cannot be brought back.</p>
      <WhatStops asked={trpc.group.whatStops.queryOptions({ ids: [group.id] })} none="Nobody is in it." />
    </DangerZone>
  );
}

/** What it has, owns or decides on, each with the way there. */
function Dependents({ dependents: { total, first } }: Pick<GroupDetail, 'dependents'>) {
  const path = usePath();
  const more = total - first.length;
  return (
    <>
      A group can be deleted when it has, owns and decides on nothing. First take from it{' '}
      {first.map(({ kind, id, slug, name }, index) => (
        <Fragment key={id}>
          {index > 0 && ', '}
          <Link
            href={path(kind === 'profile' ? `/profiles/${slug}?tab=access` : `/servers/${slug}?tab=people`)}
            className="underline"
          >
            {name}
          </Link>
        </Fragment>
      ))}
      {more > 0 && ` and ${more.toLocaleString('en')} more`}.
    </>
  );
}
