'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { Banner } from '../../ui/layout/card.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { FullTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { useTakeBack } from './discussion/take-back.tsx';
import type { ReviewDetail } from './summary.ts';

export interface SecondPersonProps {
  detail: ReviewDetail;
  waiting: NonNullable<ReviewDetail['waiting']>;
}

/** One of two people has decided: what that means now, and what the second one can do about it. */
export function SecondPerson({ detail, waiting }: SecondPersonProps) {
  const { by, proposedAt, reason, isInEffect } = waiting;
  const [confirming, setConfirming] = useState(false);
  const { me, now } = useMe();
  const isOwn = me?.membershipId === by.id;
  const canConfirm = now(waiting.canConfirm);
  return (
    <>
      <Banner
        tone="warn"
        title={isInEffect ? `${by.name} approved this alone, by break-glass` : `${by.name} has decided. It takes one more person`}
        action={
          canConfirm.ok && (
            <Button variant="primary" onClick={() => setConfirming(true)}>
              Confirm…
            </Button>
          )
        }
      >
        <p>
          {isInEffect ? (
            <>
              Unless a second person confirms it, all of it is off from{' '}
              {detail.review.validUntil && <FullTime at={detail.review.validUntil} />}.
            </>
          ) : (
            <>
              1 of 2, <RelativeTime at={proposedAt} />.{' '}
              {detail.review.state === 'open' ? 'Nothing of it may be used' : 'What was decided before stands'} until a second
              person confirms.
            </>
          )}{' '}
          {!canConfirm.ok && canConfirm.reason}
          {isOwn && detail.takeBack === null && ' You cannot take it back any more: to change it, decide again.'}
        </p>
        {reason !== null && <p className="mt-1 break-words">Reason: “{reason}”</p>}
      </Banner>
      <Confirm detail={detail} waiting={waiting} open={confirming} onOpenChange={setConfirming} />
    </>
  );
}

interface ConfirmProps extends SecondPersonProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function Confirm({ detail, waiting, ...dialog }: ConfirmProps) {
  const trpc = useTRPC();
  const toast = useToast();
  const confirm = useMutation(trpc.review.confirm.mutationOptions());
  const { review, server } = detail;
  const undo = useTakeBack(server.name);
  const approved = waiting.decisions.filter(({ verdict }) => verdict === 'approved').length;
  return (
    <ConfirmDialog
      {...dialog}
      tone="primary"
      title={`Confirm what ${waiting.by.name} decided on ${server.name}, revision ${review.revision.number}?`}
      confirmLabel={approved === 1 ? 'Confirm 1 approval' : `Confirm ${approved} approvals`}
      onConfirm={async () => {
        const { decisionId } = await confirm.mutateAsync({ reviewId: review.id, proposedAt: waiting.proposedAt });
        toast({ title: `${server.name}: confirmed`, undo: () => undo.mutate({ reviewId: review.id, decisionId }) });
      }}
    >
      You answer for it as the second person. What is approved below may be used for {waiting.validDays} days from now, and the
      log names both of you. If you see it otherwise, go back and decide it anew.
    </ConfirmDialog>
  );
}
