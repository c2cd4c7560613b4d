'use client';

import { useMutation } from '@tanstack/react-query';

import { useTRPC } from '../../../trpc/client.tsx';
import { Button } from '../../../ui/button.tsx';
import { Banner } from '../../../ui/layout/card.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { ClockTime } from '../../../ui/text/relative-time.tsx';
import type { ReviewDetail } from '../summary.ts';

/** Takes a decision back, for the page and for the message that tells of it. */
export function useTakeBack(serverName: string) {
  const trpc = useTRPC();
  const toast = useToast();
  return useMutation(
    trpc.review.takeBack.mutationOptions({
      onSuccess: ({ state, waits }) => {
        const stands = state === 'open' ? 'it is open again' : 'what was decided before stands again';
        const now = waits ? 'it waits for a second person again' : stands;
        toast({ title: `${serverName}: taken back, ${now}` });
      },
      onError: (error) => toast({ title: `${serverName}: not taken back`, description: error.message }),
    }),
  );
}

/** The offer to whoever has just decided. */
export function TakeBack({ detail: { review, server, takeBack } }: { detail: ReviewDetail }) {
  const undo = useTakeBack(server.name);
  if (takeBack === null) return null;
  return (
    <Banner
      tone="info"
      title={takeBack.isConfirmation ? 'You have confirmed this' : 'You have decided this'}
      action={
        <Button loading={undo.isPending} onClick={() => undo.mutate({ reviewId: review.id, decisionId: takeBack.decisionId })}>
          Take it back
        </Button>
      }
    >
      Until <ClockTime at={takeBack.until} /> you can take {takeBack.isConfirmation ? 'that' : 'all of it'} back, at the agents
      too, as long as nothing else of this server is decided.
    </Banner>
  );
}
