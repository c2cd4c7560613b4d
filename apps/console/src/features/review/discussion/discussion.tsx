'use client';

import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { type Control, useWatch } from 'react-hook-form';
import { z } from 'zod';

import { useTRPC } from '../../../trpc/client.tsx';
import { canKeep, openKeptPlace } from '../../../trpc/kept-place.ts';
import { useMe } from '../../../trpc/use-me.ts';
import { Button } from '../../../ui/button.tsx';
import { Form, TextareaField, useSchemaForm } from '../../../ui/form/form.tsx';
import { Card } from '../../../ui/layout/card.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../../ui/status/states.tsx';
import { RelativeTime } from '../../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { ReviewDetail } from '../summary.ts';
import { describeAct } from './describe-act.ts';
import { type CommentOf, keepComment, restoreComment } from './kept-comment.ts';

type TimelineEvent = ReviewDetail['timeline'][number];

/** What people said and did in a review, in its order, and what one more has to say. */
export function Discussion({ detail: { review, timeline, canComment } }: { detail: ReviewDetail }) {
  const { me, isStopped } = useMe();
  const mayComment = canComment && !isStopped;
  if (timeline.length === 0 && !mayComment) return null;
  return (
    <Card title="Discussion">
      <div className="flex max-w-[76ch] flex-col gap-4">
        {timeline.length > 0 && (
          <ol className="flex flex-col gap-3" aria-label="What was said and done">
            {timeline.map((event) => (
              <li key={event.id}>
                <Event event={event} />
              </li>
            ))}
          </ol>
        )}
        {mayComment && me && <CommentForm key={me.userId} userId={me.userId} reviewId={review.id} />}
      </div>
    </Card>
  );
}

function Event({ event }: { event: TimelineEvent }) {
  if (event.kind === 'act') {
    return (
      <p className="text-muted">
        {describeAct(event)} <RelativeTime at={event.at} className="text-subtle" />
        {event.reason !== null && (
          <span className="block">
            Reason: “<UntrustedText text={event.reason} />”
          </span>
        )}
      </p>
    );
  }
  return (
    <div className="border-l-2 border-line pl-3">
      <p>
        <span className="font-medium">{event.by.name}</span> <RelativeTime at={event.at} className="text-subtle" />
      </p>
      <p>
        <UntrustedText text={event.text} />
      </p>
    </div>
  );
}

const Comment = z.object({ text: z.string().trim().min(1, 'Write what you want to say.') });

type Comment = z.infer<typeof Comment>;

/** What a person wrote here before and did not send. */
function readUnsent(of: CommentOf): string {
  const place = openKeptPlace();
  return place ? restoreComment(place, of) : '';
}

/** Keeps what is written as it is written. False where this browser keeps nothing. */
function useKeptComment(control: Control<Comment, unknown, Comment>, { userId, reviewId }: CommentOf): boolean {
  const text = useWatch({ control, name: 'text' });
  const [isKept] = useState(() => canKeep(openKeptPlace()));
  const toast = useToast();
  useEffect(() => {
    const place = openKeptPlace();
    if (!place || keepComment(place, { userId, reviewId }, text, new Date())) return;
    toast({ title: 'This browser has no room for your comment. It is lost when you leave the page.' });
  }, [text, userId, reviewId, toast]);
  return isKept;
}

function CommentForm({ userId, reviewId }: CommentOf) {
  const trpc = useTRPC();
  const [unsent] = useState(() => readUnsent({ userId, reviewId }));
  const form = useSchemaForm(Comment, { text: unsent });
  const isKept = useKeptComment(form.control, { userId, reviewId });
  // with the field that is there: it is not made again, and shows what it is given
  const empty = (): void => form.reset({ text: '' }, { keepFieldsRef: true });
  const comment = useMutation(trpc.review.comment.mutationOptions({ onSuccess: empty }));
  return (
    <Form form={form} isKept={isKept} onSubmit={({ text }) => comment.mutate({ reviewId, text })} className="flex flex-col gap-2">
      <TextareaField
        control={form.control}
        name="text"
        label="Comment"
        hint="Plain text. Everybody who sees this review reads it, and it stays as it is."
        maxLength={4_000}
      />
      <Button type="submit" loading={comment.isPending} className="self-start">
        Comment
      </Button>
      {comment.error && <ErrorLine error={comment.error} />}
    </Form>
  );
}
