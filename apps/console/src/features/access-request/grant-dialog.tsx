'use client';

import { useMutation } from '@tanstack/react-query';
import { z } from 'zod';

import { useTRPC } from '../../trpc/client.tsx';
import { FormError, SelectField, useSchemaForm } from '../../ui/form/form.tsx';
import { FormDialog } from '../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { DayTime } from '../../ui/text/relative-time.tsx';
import { findEnd, findLength, LENGTHS } from './lengths.ts';
import type { AccessRequest } from './request-list.tsx';

const Grant = z.object({ length: z.enum(LENGTHS.map(({ value }) => value)) });
type Grant = z.infer<typeof Grant>;

/** Gives what was asked for, for as long as the one who decides says. */
export function GrantDialog({ request, onClose }: { request: AccessRequest; onClose: () => void }) {
  const toast = useToast();
  const { id, person, profile, reason, requestedAt, wantedUntil } = request;
  const form = useSchemaForm(Grant, { length: findLength(requestedAt, wantedUntil) });
  const grant = useMutation(
    useTRPC().accessRequest.grant.mutationOptions({
      onSuccess: () => {
        toast({ title: `${person.name} may use ${profile.name}` });
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Give ${profile.name} to ${person.name}?`}
      description={reason}
      form={form}
      onSubmit={({ length }) => grant.mutate({ requestId: id, until: findEnd(length) })}
      submitLabel="Give access"
      pending={grant.isPending}
    >
      <p className="text-muted">
        {wantedUntil === null ? (
          'Asked for without an end.'
        ) : (
          <>
            Asked for until <DayTime at={wantedUntil} />.
          </>
        )}{' '}
        The access ends by itself, at the agents too, and so do the keys that were made under it.
      </p>
      <SelectField control={form.control} name="length" label="For how long, from now?" className="w-48" options={LENGTHS} />
      <FormError<Grant> error={grant.error} fields={{ until: 'length' }} />
    </FormDialog>
  );
}
