'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';

import { useAccountTRPC } from '../../../trpc/account-client.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { ProvePassword } from '../prove-password.tsx';
import type { Passkey } from './passkey-list.tsx';

export function RemovePasskey({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const trpc = useAccountTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const remove = useMutation(
    trpc.removePasskey.mutationOptions({
      onSuccess: () => {
        toast({ title: `The passkey ${passkey.name} opens nothing any more` });
        onClose();
      },
      onSettled: () => queries.invalidateQueries(trpc.listPasskeys.pathFilter()),
    }),
  );
  return (
    <ProvePassword
      title={`Remove ${passkey.name}?`}
      submitLabel="Remove passkey"
      tone="danger"
      pending={remove.isPending}
      error={remove.error}
      onProved={(proof) => remove.mutate({ ...proof, passkeyId: passkey.id })}
      onClose={onClose}
    >
      Nobody signs in with it any more. Browsers that are signed in stay so: end them below. The device keeps its half, which
      opens nothing here; remove it there too.
    </ProvePassword>
  );
}
