'use client';

import { useMutation, useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { useEnded } from '../../trpc/use-ended.ts';
import { WhatStops } from '../../ui/entity/what-stops.tsx';
import { DangerZone } from '../../ui/overlay/danger-zone.tsx';
import { describeCount } from '../../ui/text/count.ts';
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

  const { profileCount: length } = group;
  const left =
    length === 0
      ? null
      : `First take ${describeCount(length, 'profile')} from it${length > group.profiles.length ? '' : '; all of them are listed above'}.`;
  return (
    <DangerZone
      act="Delete group"
      title={`Delete ${group.name}?`}
      words={
        left === null
          ? 'It has no profile, so the group can be deleted. Its people stay in the workspace.'
          : `A group can be deleted when it has no profile. ${left}`
      }
      disabledReason={left ?? undefined}
      onConfirm={confirm}
    >
      <p>Nothing stops working. Who was in it cannot be brought back.</p>
      <GroupStops id={group.id} />
    </DangerZone>
  );
}

/** Asked for once the question stands. */
function GroupStops({ id }: { id: string }) {
  const query = useQuery(useTRPC().group.whatStops.queryOptions({ ids: [id] }, { staleTime: 0 }));
  return <WhatStops query={query} none="Nobody is in it." />;
}
