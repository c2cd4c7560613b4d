'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { WhatStops } from '../../ui/entity/what-stops.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { describeCount } from '../../ui/text/count.ts';
import type { Member } from './member-list.tsx';

/** Ends every client key of somebody, without taking anything else away. */
export function RevokeKeys({ member, onClose }: { member: Member; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const revoke = useMutation(trpc.clientKey.revokeAll.mutationOptions());

  async function confirm(): Promise<void> {
    const { revoked } = await revoke.mutateAsync({ membershipId: member.id });
    await queries.invalidateQueries(trpc.member.list.pathFilter());
    toast({ title: `${describeCount(revoked, 'client key')} of ${member.name} revoked` });
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Revoke all client keys of ${member.name}?`}
      confirmLabel="Revoke all keys"
      onConfirm={confirm}
    >
      <p>
        The AI clients that hold them are refused as soon as the agents hear of it. Access and role stay, so the person may make
        new keys. This cannot be undone.
      </p>
      <WhatStops
        asked={trpc.clientKey.whatStops.queryOptions({ membershipId: member.id })}
        none="No key of this person works now."
      />
    </ConfirmDialog>
  );
}
