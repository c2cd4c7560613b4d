'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';

import { useTRPC } from '../../../trpc/client.tsx';
import { useMe } from '../../../trpc/use-me.ts';
import { Button } from '../../../ui/button.tsx';
import { FormError, TextareaField, useSchemaForm } from '../../../ui/form/form.tsx';
import { FormDialog } from '../../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import type { PublishRequest } from './request-words.ts';

const SendBack = z.object({ reason: z.string().trim().min(1, 'Say what is to be changed.').max(1_000) });

/** Declines a request to publish, with what is to be changed; nothing while the workspace is stopped. */
export function SendBackButton({ request, size }: { request: PublishRequest; size?: 'small' }) {
  const { isStopped } = useMe();
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const form = useSchemaForm(SendBack, { reason: '' });
  const { name } = request.proposed?.by ?? request.requestedBy;
  const sendBack = useMutation(
    useTRPC().profile.sendBackRequest.mutationOptions({
      onSuccess: () => {
        toast({ title: `Sent back to ${name}` });
        setOpen(false);
      },
    }),
  );
  if (isStopped) return null;
  return (
    <>
      <Button size={size} onClick={() => setOpen(true)}>
        Send back…
      </Button>
      <FormDialog
        open={open}
        onOpenChange={setOpen}
        title={`Send it back to ${name}?`}
        description="Nothing is published. The reason is shown on the profile."
        form={form}
        onSubmit={({ reason }) => sendBack.mutate({ requestId: request.id, reason })}
        submitLabel="Send back"
        pending={sendBack.isPending}
      >
        <TextareaField control={form.control} name="reason" label="What is to be changed?" rows={3} maxLength={1_000} />
        <FormError error={sendBack.error} fields={{ reason: 'reason' }} />
      </FormDialog>
    </>
  );
}
