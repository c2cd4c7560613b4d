'use client';

import { useMutation } from '@tanstack/react-query';

import { useTRPC } from '../../../trpc/client.tsx';
import { useMe } from '../../../trpc/use-me.ts';
import { OwnerConsent } from '../../../ui/entity/owner-consent.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { RelativeTime } from '../../../ui/text/relative-time.tsx';
import type { RequestDetail } from './request-words.ts';
import { SendBackButton } from './send-back.tsx';

export interface RequestConsentProps {
  detail: RequestDetail;
  offer: NonNullable<RequestDetail['offer']>;
}

/** The owner of the profile has to agree to what a request would make of it. */
export function RequestConsent({ detail, offer }: RequestConsentProps) {
  const { request, owner, canSendBack } = detail;
  const { name } = request.profile;
  const { now } = useMe();
  const toast = useToast();
  const consent = useMutation(
    useTRPC().profile.consentPublish.mutationOptions({
      onSuccess: ({ version }) => toast({ title: `${name}: ${version === null ? 'agreed' : `version ${version} is published`}` }),
    }),
  );
  const exactly = { requestId: request.id, expected: offer.offerHash };
  const proposed = offer.isProposed ? request.proposed : null;
  return (
    <OwnerConsent
      name={name}
      owner={owner?.name ?? 'the owner of the profile'}
      standing={{ ...offer, canConsent: now(offer.canConsent) }}
      since={
        proposed && (
          <>
            Published by {proposed.by.name} <RelativeTime at={proposed.at} />.
          </>
        )
      }
      ownWords="It is served only with your consent. If you see it otherwise, send it back."
      agree={{
        title: `Agree to ${name}, version ${offer.version}?`,
        words: (
          <>
            {proposed
              ? `What ${proposed.by.name} published takes effect with it.`
              : 'Who may publish still decides whether it is; that waits for you no more.'}{' '}
            You agree to exactly what you see here: what changes is asked anew.
          </>
        ),
        onConfirm: () => consent.mutateAsync(exactly),
      }}
      without={{
        words: `You own the workspace, so you can. Everybody who looks at the history of ${name} sees that and why, and so does the log.`,
        pending: consent.isPending,
        error: consent.error,
        onConfirm: (reason, done) => consent.mutate({ ...exactly, reason }, { onSuccess: done }),
      }}
      actions={canSendBack && <SendBackButton request={request} />}
    />
  );
}
