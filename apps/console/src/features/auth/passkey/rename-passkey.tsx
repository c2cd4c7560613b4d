'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';

import { useAccountTRPC } from '../../../trpc/account-client.tsx';
import { FormError, TextField, useSchemaForm } from '../../../ui/form/form.tsx';
import { FormDialog } from '../../../ui/overlay/form-dialog.tsx';
import type { Passkey } from './passkey-list.tsx';

const Renamed = z.object({ name: z.string().trim().min(1, 'Enter a name.') });
type Renamed = z.infer<typeof Renamed>;

export function RenamePasskey({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const trpc = useAccountTRPC();
  const queries = useQueryClient();
  const form = useSchemaForm(Renamed, { name: passkey.name });
  const rename = useMutation(
    trpc.renamePasskey.mutationOptions({
      onSuccess: onClose,
      onSettled: () => queries.invalidateQueries(trpc.listPasskeys.pathFilter()),
    }),
  );
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Rename ${passkey.name}`}
      size="small"
      form={form}
      onSubmit={({ name }) => rename.mutate({ passkeyId: passkey.id, name })}
      submitLabel="Rename passkey"
      pending={rename.isPending}
    >
      <TextField control={form.control} name="name" label="Name" maxLength={60} autoComplete="off" />
      <FormError<Renamed> error={rename.error} fields={{ name: 'name' }} />
    </FormDialog>
  );
}
