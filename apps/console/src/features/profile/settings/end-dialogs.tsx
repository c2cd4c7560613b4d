'use client';

import { useMutation, useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../../trpc/client.tsx';
import { useEnded } from '../../../trpc/use-ended.ts';
import { Button } from '../../../ui/button.tsx';
import { WhatStops } from '../../../ui/entity/what-stops.tsx';
import { ConfirmDialog, Dialog } from '../../../ui/overlay/dialog.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { Bar } from '../../../ui/status/states.tsx';
import type { ProfileDetail } from '../draft/draft.ts';

export interface EndDialogProps extends Pick<ProfileDetail, 'profile'> {
  onClose: () => void;
}

/** Says what stops, then archives; the toast takes it back. */
export function ArchiveDialog({ profile: { id, name }, onClose }: EndDialogProps) {
  const trpc = useTRPC();
  const toast = useToast();
  const restore = useMutation(
    trpc.profile.restore.mutationOptions({
      onError: ({ message }) => toast({ title: `${name} is still archived`, description: message }),
    }),
  );
  const archive = useMutation(
    trpc.profile.archive.mutationOptions({
      onSuccess: () =>
        toast({
          title: `${name} is archived`,
          description: 'It is in the list of profiles, under Archived.',
          undo: () => restore.mutate({ profileId: id }),
        }),
    }),
  );
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Archive ${name}?`}
      tone="danger"
      confirmLabel="Archive profile"
      onConfirm={() => archive.mutateAsync({ profileId: id })}
    >
      <p>AI clients that use it are refused at once. Draft, versions, people and keys are kept, and it can be restored.</p>
      <WhatStops asked={trpc.profile.whatStops.queryOptions({ ids: [id] })} none="It is not served, so nothing stops." />
    </ConfirmDialog>
  );
}

/** Removes an archived profile for good, after its name was typed; says who depends on it while somebody does. */
export function DeleteDialog({ profile: { id, name }, onClose }: EndDialogProps) {
  const trpc = useTRPC();
  const finish = useEnded();
  const end = useQuery(trpc.profile.end.queryOptions({ profileId: id }, { staleTime: 0 }));
  const remove = useMutation(trpc.profile.delete.mutationOptions());

  async function confirm(): Promise<void> {
    await finish({
      run: () => remove.mutateAsync({ profileId: id }),
      list: trpc.profile.list.pathFilter(),
      said: `${name} was deleted`,
      goTo: '/profiles?show=archived',
    });
  }

  if (!end.data || end.data.dependents !== null) {
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={`${name} cannot be deleted yet`}
        footer={<Button onClick={onClose}>Close</Button>}
      >
        <Loaded query={end} skeleton={<Bar className="h-8" />} errorTitle="Who depends on it could not be looked up">
          {({ dependents }) => <p>{dependents} Take the access away first, on the Access tab: their keys end with it.</p>}
        </Loaded>
      </Dialog>
    );
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Delete ${name}?`}
      confirmLabel="Delete profile"
      typedName={name}
      onConfirm={confirm}
    >
      Its draft and all of its versions are gone for good. Receipts and the admin log stay and keep its name.
    </ConfirmDialog>
  );
}
