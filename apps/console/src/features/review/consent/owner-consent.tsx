'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';

import { useTRPC } from '../../../trpc/client.tsx';
import { Button } from '../../../ui/button.tsx';
import { FormError, TextareaField, useSchemaForm } from '../../../ui/form/form.tsx';
import { Banner } from '../../../ui/layout/card.tsx';
import { ConfirmDialog } from '../../../ui/overlay/dialog.tsx';
import { FormDialog } from '../../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { RelativeTime } from '../../../ui/text/relative-time.tsx';
import type { ReviewDetail } from '../summary.ts';

export interface OwnerConsentProps {
  detail: ReviewDetail;
  consent: NonNullable<ReviewDetail['consent']>;
}

/** The owner of the server has to agree: that it waits for that, and what the one who looks can do about it. */
export function OwnerConsent({ detail, consent }: OwnerConsentProps) {
  const { waiting } = detail;
  const { canConsent, takesReason, missing, owner } = consent;
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const isOwn = canConsent.ok && !takesReason;
  return (
    <>
      <Banner
        tone={waiting?.isSeconded ? 'warn' : 'info'}
        title={describeTitle(detail, owner?.name ?? null, isOwn)}
        action={
          canConsent.ok && (
            <Button variant={isOwn ? 'primary' : 'secondary'} onClick={() => setOpen(true)}>
              {isOwn ? 'Agree…' : 'Go on without…'}
            </Button>
          )
        }
      >
        {waiting?.isSeconded && (
          <>
            Decided by {waiting.by.name} <RelativeTime at={waiting.proposedAt} />.{' '}
          </>
        )}
        {isOwn
          ? 'What is approved here may be used only with your consent. If you see it otherwise, tell the reviewers.'
          : canConsent.ok
            ? missing
            : canConsent.reason}
      </Banner>
      {isOwn ? (
        <Agree detail={detail} open={open} onOpenChange={setOpen} />
      ) : (
        open && <GoOnWithout detail={detail} onClose={close} />
      )}
    </>
  );
}

function describeTitle({ waiting, server }: ReviewDetail, owner: string | null, isOwn: boolean): string {
  if (isOwn) return waiting?.isSeconded ? 'It waits for you to agree' : `You own ${server.name}, and are asked`;
  const name = owner ?? 'the owner of the server';
  return waiting?.isSeconded ? `It waits for ${name} to agree` : `It takes the consent of ${name}`;
}

function useConsent({ server }: ReviewDetail) {
  const toast = useToast();
  return useMutation(
    useTRPC().review.consent.mutationOptions({
      onSuccess: ({ isInEffect }) => toast({ title: `${server.name}: ${isInEffect ? 'in effect' : 'agreed'}` }),
    }),
  );
}

interface AgreeProps {
  detail: ReviewDetail;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function Agree({ detail, ...dialog }: AgreeProps) {
  const consent = useConsent(detail);
  const { review, server, waiting } = detail;
  return (
    <ConfirmDialog
      {...dialog}
      tone="primary"
      title={`Agree to ${server.name}, revision ${review.revision.number}?`}
      confirmLabel="Agree"
      onConfirm={() => consent.mutateAsync({ reviewId: review.id })}
    >
      {waiting?.isSeconded
        ? `What ${waiting.by.name} decided takes effect with it.`
        : 'Who decides reviews still decides what of it is approved; that waits for you no more.'}{' '}
      You agree to this revision alone: what changes is asked anew.
    </ConfirmDialog>
  );
}

const Why = z.object({ reason: z.string().trim().min(1, 'Say why.').max(1_000) });

function GoOnWithout({ detail, onClose }: { detail: ReviewDetail; onClose: () => void }) {
  const form = useSchemaForm(Why, { reason: '' });
  const consent = useConsent(detail);
  const { review, server, consent: asked } = detail;
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Go on without ${asked?.owner?.name ?? 'the owner of the server'}?`}
      description={`You own the workspace, so you can. Everybody who looks at this review of ${server.name} sees that and why, and so does the log.`}
      form={form}
      onSubmit={({ reason }) => consent.mutate({ reviewId: review.id, reason }, { onSuccess: onClose })}
      submitLabel="Go on without"
      pending={consent.isPending}
    >
      <TextareaField control={form.control} name="reason" label="Why can it not wait?" maxLength={1_000} />
      <FormError<z.input<typeof Why>> error={consent.error} fields={{ reason: 'reason' }} />
    </FormDialog>
  );
}
