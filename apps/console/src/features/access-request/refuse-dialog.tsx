'use client';

import { useMutation } from '@tanstack/react-query';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { FormError, TextareaField, useSchemaForm } from '../../ui/form/form.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { AccessRequest } from './request-list.tsx';

export const Refuse = z.object({ reason: z.string().trim().min(1, 'Say why.').max(1_000) });
export type Refuse = z.infer<typeof Refuse>;

/** Refuses it with a reason, which who asked is shown. */
export function RefuseDialog({ request, onClose }: { request: AccessRequest; onClose: () => void }) {
  const toast = useToast();
  const { id, person, profile } = request;
  const form = useSchemaForm(Refuse, { reason: '' });
  const refuse = useMutation(
    useTRPC().accessRequest.refuse.mutationOptions({
      onSuccess: () => {
        toast({ title: `${person.name} is told why` });
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Refuse ${profile.name} to ${person.name}?`}
      description={request.reason}
      form={form}
      onSubmit={({ reason }) => refuse.mutate({ requestId: id, reason })}
      submitLabel="Refuse"
      pending={refuse.isPending}
    >
      <TextareaField control={form.control} name="reason" label="Why?" hint={`${person.name} sees it.`} maxLength={1_000} />
      <FormError<Refuse> error={refuse.error} fields={{ reason: 'reason' }} />
    </FormDialog>
  );
}
