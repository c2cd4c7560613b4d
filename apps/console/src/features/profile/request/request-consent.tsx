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
import type { RequestDetail } from './request-words.ts';
import { SendBackButton } from './send-back.tsx';

type Offer = NonNullable<RequestDetail['offer']>;

export interface RequestConsentProps {
  detail: RequestDetail;
  offer: Offer;
}

/** The owner of the profile has to agree: that it waits for that, and what the one who looks can do about it. */
export function RequestConsent({ detail, offer }: RequestConsentProps) {
  const { request } = detail;
  const { canConsent, takesReason, missing, isProposed } = offer;
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const isOwn = canConsent.ok && !takesReason;
  return (
    <>
      <Banner
        tone={isProposed ? 'warn' : 'info'}
        title={describeTitle(detail, offer, isOwn)}
        action={
          <>
            {canConsent.ok && (
              <Button variant={isOwn ? 'primary' : 'secondary'} onClick={() => setOpen(true)}>
                {isOwn ? 'Agree…' : 'Go on without…'}
              </Button>
            )}
            {detail.canSendBack && <SendBackButton request={request} />}
          </>
        }
      >
        {isProposed && request.proposed && (
          <>
            Published by {request.proposed.by.name} <RelativeTime at={request.proposed.at} />.{' '}
          </>
        )}
        {isOwn
          ? 'It is served only with your consent. If you see it otherwise, send it back.'
          : canConsent.ok
            ? missing
            : canConsent.reason}
      </Banner>
      {isOwn ? (
        <Agree detail={detail} offer={offer} open={open} onOpenChange={setOpen} />
      ) : (
        open && <GoOnWithout detail={detail} offer={offer} onClose={close} />
      )}
    </>
  );
}

function describeTitle({ request: { profile }, owner }: RequestDetail, { isProposed }: Offer, isOwn: boolean): string {
  if (isOwn) return isProposed ? 'It waits for you to agree' : `You own ${profile.name}, and are asked`;
  const name = owner?.name ?? 'the owner of the profile';
  return isProposed ? `It waits for ${name} to agree` : `It takes the consent of ${name}`;
}

function useConsent({ request: { profile } }: RequestDetail) {
  const toast = useToast();
  return useMutation(
    useTRPC().profile.consentPublish.mutationOptions({
      onSuccess: ({ version }) =>
        toast({ title: `${profile.name}: ${version === null ? 'agreed' : `version ${version} is published`}` }),
    }),
  );
}

interface AgreeProps extends RequestConsentProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function Agree({ detail: { request, ...detail }, offer, ...dialog }: AgreeProps) {
  const consent = useConsent({ request, ...detail });
  const { version, isProposed, offerHash } = offer;
  return (
    <ConfirmDialog
      {...dialog}
      tone="primary"
      title={`Agree to ${request.profile.name}, version ${version}?`}
      confirmLabel="Agree"
      onConfirm={() => consent.mutateAsync({ requestId: request.id, expected: offerHash })}
    >
      {isProposed
        ? `What ${request.proposed?.by.name ?? 'somebody'} published takes effect with it.`
        : 'Who may publish still decides whether it is; that waits for you no more.'}{' '}
      You agree to exactly what you see here: what changes is asked anew.
    </ConfirmDialog>
  );
}

const Why = z.object({ reason: z.string().trim().min(1, 'Say why.').max(1_000) });

function GoOnWithout({ detail, offer, onClose }: RequestConsentProps & { onClose: () => void }) {
  const form = useSchemaForm(Why, { reason: '' });
  const consent = useConsent(detail);
  const { request, owner } = detail;
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Go on without ${owner?.name ?? 'the owner of the profile'}?`}
      description={`You own the workspace, so you can. Everybody who looks at the history of ${request.profile.name} sees that and why, and so does the log.`}
      form={form}
      onSubmit={({ reason }) =>
        consent.mutate({ requestId: request.id, expected: offer.offerHash, reason }, { onSuccess: onClose })
      }
      submitLabel="Go on without"
      pending={consent.isPending}
    >
      <TextareaField control={form.control} name="reason" label="Why can it not wait?" maxLength={1_000} />
      <FormError<z.input<typeof Why>> error={consent.error} fields={{ reason: 'reason' }} />
    </FormDialog>
  );
}
