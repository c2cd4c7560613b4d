'use client';

import { useMutation } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { useEnded } from '../../trpc/use-ended.ts';
import { WhatStops } from '../../ui/entity/what-stops.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import type { Member } from './member-list.tsx';

/** Takes somebody out of the workspace, with everything that hangs on it. */
export function RemoveMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const trpc = useTRPC();
  const end = useEnded();
  const remove = useMutation(trpc.member.remove.mutationOptions());

  async function confirm(): Promise<void> {
    await end({
      run: () => remove.mutateAsync({ membershipId: member.id }),
      list: trpc.member.list.pathFilter(),
      said: `${member.name} was removed`,
    });
  }

  return (
    <ConfirmDialog open onOpenChange={onClose} title={`Remove ${member.name}?`} confirmLabel="Remove member" onConfirm={confirm}>
      <p>
        {member.email} loses this workspace at once, with all that is named here; connected agents are told. The audit keeps the
        person&apos;s calls. To come back, the person must be invited again.
      </p>
      <WhatStops asked={trpc.member.whatStops.queryOptions({ ids: [member.id] })} />
    </ConfirmDialog>
  );
}
