'use client';

import { useMutation, useQuery } from '@tanstack/react-query';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { ErrorLine, Skeleton } from '../../ui/states.tsx';
import type { ProfileDetail, StaffDraft } from './draft.ts';
import { PreviewProblems } from './preview-dialog.tsx';
import { Rollout } from './rollout.tsx';
import { VersionChanges } from './version-changes-list.tsx';

export interface PublishDialogProps {
  detail: ProfileDetail;
  stored: StaffDraft;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** The last look before a version is made, then its way to the agents. Give it a new `key` each time it is opened. */
export function PublishDialog({ detail, stored, open, onOpenChange }: PublishDialogProps) {
  const trpc = useTRPC();
  const path = usePath();
  const { profile, published } = detail;
  const publish = useMutation(trpc.profile.publish.mutationOptions());
  const preview = useQuery(
    trpc.profile.preview.queryOptions(
      { profileId: profile.id, of: 'draft' },
      { enabled: open && !publish.isSuccess, staleTime: 0 },
    ),
  );
  const next = (published?.version ?? 0) + 1;

  if (publish.isSuccess) {
    return (
      <Dialog
        open={open}
        onOpenChange={onOpenChange}
        title={`Version ${publish.data.version} is published`}
        description="Signed and on its way. Each agent checks it, then serves it."
        footer={
          <>
            <Button onClick={() => onOpenChange(false)}>Close</Button>
            <LinkButton href={path(`/profiles/${profile.slug}/connect`)} variant="primary">
              Connect an AI client
            </LinkButton>
          </>
        }
      >
        <Rollout profileId={profile.id} publishedAt={published?.publishedAt ?? null} />
      </Dialog>
    );
  }
  const blocked = (preview.data?.problems.length ?? 0) > 0;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Publish version ${next} of ${profile.name}?`}
      description="A version never changes. Agents get it at once; AI clients read their lists anew."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            variant="primary"
            loading={publish.isPending}
            disabledReason={
              blocked
                ? 'Take out what cannot be used, or settle that first.'
                : preview.data
                  ? undefined
                  : 'The preview is being made.'
            }
            onClick={() => publish.mutate({ profileId: profile.id, expected: preview.data?.contentHash })}
          >
            Publish version {next}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Loaded query={preview} skeleton={<Skeleton className="h-24" />} errorTitle="The preview could not be made">
          {(data) => (
            <>
              <PreviewProblems problems={data.problems} />
              <p>
                AI clients will see <span className="font-medium">{listedWords(data)}</span>, at{' '}
                {detail.sites.map(({ name }) => name).join(', ')}, for{' '}
                <span className="font-medium">{detail.access.length === 1 ? '1 person' : `${detail.access.length} people`}</span>.
              </p>
            </>
          )}
        </Loaded>
        <VersionChanges draft={stored} published={published} />
        {publish.error && <ErrorLine error={publish.error} />}
      </div>
    </Dialog>
  );
}

/** "3 tools, 1 prompt": what would be listed. */
function listedWords({ tools, prompts, resources, resourceTemplates }: ApiOutput['profile']['preview']): string {
  const counted = (count: number, one: string): string[] => (count === 0 ? [] : [`${count} ${one}${count === 1 ? '' : 's'}`]);
  const parts = [
    ...counted(tools.length, 'tool'),
    ...counted(prompts.length, 'prompt'),
    ...counted(resources.length + resourceTemplates.length, 'resource'),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}
