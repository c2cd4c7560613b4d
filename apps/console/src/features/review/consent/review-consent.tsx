'use client';

import { useMutation } from '@tanstack/react-query';

import { useTRPC } from '../../../trpc/client.tsx';
import { useMe } from '../../../trpc/use-me.ts';
import { OwnerConsent } from '../../../ui/entity/owner-consent.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { RelativeTime } from '../../../ui/text/relative-time.tsx';
import type { ReviewDetail } from '../summary.ts';

export interface ReviewConsentProps {
  detail: ReviewDetail;
  consent: NonNullable<ReviewDetail['consent']>;
}

/** The owner of the server has to agree to what the review is about. */
export function ReviewConsent({ detail, consent: asked }: ReviewConsentProps) {
  const { review, server, waiting } = detail;
  const { now } = useMe();
  const toast = useToast();
  const consent = useMutation(
    useTRPC().review.consent.mutationOptions({
      onSuccess: ({ isInEffect }) => toast({ title: `${server.name}: ${isInEffect ? 'in effect' : 'agreed'}` }),
    }),
  );
  const reviewId = review.id;
  const seconded = waiting?.isSeconded ? waiting : null;
  return (
    <OwnerConsent
      name={server.name}
      owner={asked.owner?.name ?? 'the owner of the server'}
      standing={{ ...asked, canConsent: now(asked.canConsent) }}
      since={
        seconded && (
          <>
            Decided by {seconded.by.name} <RelativeTime at={seconded.proposedAt} />.
          </>
        )
      }
      ownWords="What is approved here may be used only with your consent. If you see it otherwise, tell the reviewers."
      agree={{
        title: `Agree to ${server.name}, revision ${review.revision.number}?`,
        words: (
          <>
            {seconded
              ? `What ${seconded.by.name} decided takes effect with it.`
              : 'Who decides reviews still decides what of it is approved; that waits for you no more.'}{' '}
            You agree to this revision alone: what changes is asked anew.
          </>
        ),
        onConfirm: () => consent.mutateAsync({ reviewId }),
      }}
      without={{
        words: `You own the workspace, so you can. Everybody who looks at this review of ${server.name} sees that and why, and so does the log.`,
        pending: consent.isPending,
        error: consent.error,
        onConfirm: (reason, done) => consent.mutate({ reviewId, reason }, { onSuccess: done }),
      }}
    />
  );
}
