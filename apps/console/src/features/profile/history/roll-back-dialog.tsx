'use client';

import { useMutation, useQuery } from '@tanstack/react-query';

import { type ApiOutput, useTRPC } from '../../../trpc/client.tsx';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/overlay/dialog.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { Bar, ErrorLine } from '../../../ui/status/states.tsx';
import type { ProfileDetail } from '../draft/draft.ts';
import { OwnerNote, WaitingDialog } from '../publish/owner-note.tsx';
import { LeftOut } from '../publish/preview-dialog.tsx';
import { Rollout } from '../publish/rollout.tsx';
import { VersionChanges } from '../publish/version-changes-list.tsx';
import { listVersionChanges, toVersionContent } from '../publish/version-changes.ts';
import { describeAudience, describeNotice } from './history-words.ts';

export interface RollBackDialogProps {
  detail: ProfileDetail;
  /** whose choices are to come back */
  version: number;
  onClose: () => void;
}

/** What people will notice when an earlier version comes back, then the one click, then its way to the agents. */
export function RollBackDialog({ detail: { profile, published, asks }, version, onClose }: RollBackDialogProps) {
  const trpc = useTRPC();
  const rollBack = useMutation(trpc.profile.rollBack.mutationOptions());
  const ref = { profileId: profile.id, version };
  const preview = useQuery(
    trpc.profile.previewRollBack.queryOptions(ref, { enabled: !rollBack.isSuccess, staleTime: 0, retry: false }),
  );
  if (rollBack.data && rollBack.data.asks !== null) return <WaitingDialog open onClose={onClose} settled={rollBack.data} />;
  if (rollBack.isSuccess) {
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={`Version ${version} is back, as version ${rollBack.data.version}`}
        description={
          rollBack.data.isDraftKept
            ? 'Your unpublished changes are still in the draft. Publishing them replaces this version.'
            : 'The draft follows, so that the next version starts from here.'
        }
        footer={<Button onClick={onClose}>Close</Button>}
      >
        <Rollout profileId={profile.id} publishedAt={published?.publishedAt ?? null} />
      </Dialog>
    );
  }
  const expected = preview.isFetching ? undefined : preview.data?.contentHash;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="large"
      title={`Roll back ${profile.name} to version ${version}?`}
      description="What was chosen then is published again, as a new version. Nothing of the history is lost."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            loading={rollBack.isPending}
            disabledReason={expected === undefined ? findReason(preview.error) : undefined}
            onClick={() => expected !== undefined && rollBack.mutate({ ...ref, expected })}
          >
            Roll back to version {version}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Loaded query={preview} skeleton={<Bar className="h-24" />} errorTitle="It cannot be rolled back to this version">
          {(data) => <WhatPeopleNotice preview={data} served={published?.version ?? 0} />}
        </Loaded>
        <OwnerNote asks={asks} />
        {rollBack.error && <ErrorLine error={rollBack.error} />}
      </div>
    </Dialog>
  );
}

const findReason = (error: unknown): string =>
  error ? 'It cannot be rolled back to this version.' : 'What it changes is being looked up.';

function WhatPeopleNotice({ preview, served }: { preview: ApiOutput['profile']['previewRollBack']; served: number }) {
  const { document, published, serverNames, leftOut, people, isDraftKept } = preview;
  const after = toVersionContent(document, serverNames);
  return (
    <>
      <LeftOut title="Cannot come back now, and is left out" problems={leftOut} />
      <p>
        {describeNotice(listVersionChanges(after, published))} {describeAudience(people)}
      </p>
      <VersionChanges title={`Different from version ${served}, which is served`} after={after} before={published} />
      {isDraftKept && <p className="text-muted">The draft holds changes that were never published. It stays as it is.</p>}
    </>
  );
}
