'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../../trpc/client.tsx';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/overlay/dialog.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../../ui/status/states.tsx';
import { describeCount } from '../../../ui/text/count.ts';
import { toProfileDraft } from '../draft/draft.ts';
import type { ProfileHistoryProps } from './profile-history.tsx';

/** Makes the draft what a version holds. Asks first where that replaces what nobody has published, and can be taken back. */
export function StartDraft({ detail: { profile }, stored, editor, version }: ProfileHistoryProps & { version: number }) {
  const trpc = useTRPC();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const restore = useMutation(
    trpc.profile.saveDraft.mutationOptions({
      onError: ({ message }) => toast({ title: 'The draft was not put back', description: message }),
    }),
  );
  const start = useMutation(
    trpc.profile.startDraft.mutationOptions({
      onSuccess: ({ revision, leftOut }) => {
        const before = toProfileDraft(stored);
        const missing = leftOut.map(({ serverSlug, name, text }) => `${serverSlug}/${name}: ${text}`).join('; ');
        toast({
          title: `The draft is version ${version} now`,
          ...(leftOut.length > 0 && { description: `${describeCount(leftOut.length, 'entry', 'entries')} left out. ${missing}` }),
          undo: () => restore.mutate({ profileId: profile.id, draft: before, revision }),
        });
      },
    }),
  );
  const input = { profileId: profile.id, version, revision: stored.revision };
  return (
    <>
      <Button
        size="small"
        variant="ghost"
        className="max-sm:-ml-2.5"
        loading={start.isPending}
        disabledReason={editor.settled ? undefined : 'The draft is not saved yet.'}
        onClick={() => (stored.changed ? setAsking(true) : start.mutate(input))}
      >
        Start a draft from it
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Start a draft from version ${version}?`}
        tone="primary"
        confirmLabel="Replace the draft"
        onConfirm={() => start.mutateAsync(input)}
      >
        The draft holds changes that were never published: they are replaced. What was chosen for each entry is remembered for
        when it is selected again. What is served stays as it is until you publish.
      </ConfirmDialog>
      {start.error && !asking && <ErrorLine error={start.error} />}
    </>
  );
}
