'use client';

import { useMutation } from '@tanstack/react-query';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { FormError, SelectField, TextareaField, useSchemaForm } from '../../ui/form/form.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { Askable } from './ask-for-access.tsx';
import { findEnd, LENGTHS } from './lengths.ts';

const Ask = z.object({
  reason: z.string().trim().min(1, 'Say what you need it for.').max(1_000),
  length: z.enum(LENGTHS.map(({ value }) => value)),
});
type Ask = z.infer<typeof Ask>;

/** What it is needed for, and for how long. */
export function AskDialog({ profile, onClose }: { profile: Askable; onClose: () => void }) {
  const toast = useToast();
  const form = useSchemaForm(Ask, { reason: '', length: '30' });
  const decider = profile.owner?.name ?? 'An admin or an owner of the workspace';
  const ask = useMutation(
    useTRPC().accessRequest.request.mutationOptions({
      onSuccess: () => {
        toast({ title: `You asked for ${profile.name}`, description: `${decider} decides.` });
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Ask for ${profile.name}?`}
      description={`${decider} decides, and you see the answer here.`}
      form={form}
      onSubmit={({ reason, length }) => ask.mutate({ profileId: profile.id, reason, until: findEnd(length) })}
      submitLabel="Ask for access"
      pending={ask.isPending}
    >
      <TextareaField control={form.control} name="reason" label="What do you need it for?" maxLength={1_000} />
      <SelectField control={form.control} name="length" label="For how long?" className="w-48" options={LENGTHS} />
      <FormError<Ask> error={ask.error} fields={{ reason: 'reason', until: 'length' }} />
    </FormDialog>
  );
}
