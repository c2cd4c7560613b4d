'use client';

import { useMutation, useQuery } from '@tanstack/react-query';

import { listCounts } from '@gatehouse/policy/documents/entry-counts';

import { type ApiOutput, useTRPC } from '../../../trpc/client.tsx';
import { usePath } from '../../../trpc/use-path.ts';
import { Button, LinkButton } from '../../../ui/button.tsx';
import { filterByGroup } from '../../../ui/entity/entry-group.ts';
import { Banner } from '../../../ui/layout/card.tsx';
import { Dialog } from '../../../ui/overlay/dialog.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { ErrorLine, Bar } from '../../../ui/status/states.tsx';
import { describeCount } from '../../../ui/text/count.ts';
import type { ProfileDetail, StaffDraft } from '../draft/draft.ts';
import { useWait } from '../request/publish-request.tsx';
import { describeDenied } from './describe-denied.ts';
import { OwnerNote, WaitingDialog } from './owner-note.tsx';
import { PreviewProblems } from './preview-dialog.tsx';
import { Rollout } from './rollout.tsx';
import { VersionChanges } from './version-changes-list.tsx';

type Preview = ApiOutput['profile']['preview'];

export interface PublishDialogProps {
  detail: ProfileDetail;
  stored: StaffDraft;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** The last look before a version is made, then its way to the agents. Give it a new `key` each time it is opened. */
export function PublishDialog({ detail, stored, open, onOpenChange }: PublishDialogProps) {
  const trpc = useTRPC();
  const { profile, published } = detail;
  const publish = useMutation(trpc.profile.publish.mutationOptions());
  const options = { enabled: open && !publish.isSuccess, staleTime: 0 };
  const preview = useQuery(trpc.profile.preview.queryOptions({ profileId: profile.id, of: 'draft' }, options));
  const wait = useWait(detail, open && !publish.isSuccess);
  const close = (): void => onOpenChange(false);
  if (publish.data && publish.data.asks !== null) return <WaitingDialog open={open} onClose={close} settled={publish.data} />;
  if (publish.isSuccess) {
    return (
      <Dialog
        open={open}
        onOpenChange={onOpenChange}
        title={`Version ${publish.data.version} is published`}
        description="Signed and on its way. Each agent checks it, then serves it."
        footer={<PublishedButtons slug={profile.slug} onClose={close} />}
      >
        <Rollout profileId={profile.id} publishedAt={published?.publishedAt ?? null} />
      </Dialog>
    );
  }
  const next = (published?.version ?? 0) + 1;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Publish version ${next} of ${profile.name}?`}
      description="A version never changes. Agents get it at once; AI clients read their lists anew."
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            variant="primary"
            loading={publish.isPending}
            disabledReason={findPreviewProblem(preview) ?? wait}
            onClick={() => publish.mutate({ profileId: profile.id, expected: preview.data?.contentHash })}
          >
            Publish version {next}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Loaded query={preview} skeleton={<Bar className="h-24" />} errorTitle="The preview could not be made">
          {(data) => <WhatClientsSee preview={data} detail={detail} entries={stored.entries} />}
        </Loaded>
        <VersionChanges
          title={published ? `Different from version ${published.version}` : 'The first version'}
          after={{ ...stored, name: profile.name, description: profile.description }}
          before={published?.document ?? null}
        />
        {wait === undefined ? <OwnerNote asks={detail.asks} /> : <Banner tone="warn" title={wait} />}
        {publish.error && <ErrorLine error={publish.error} />}
      </div>
    </Dialog>
  );
}

/** One of before, shown while the newest is made, is not what would be published. */
function findPreviewProblem({ data, isFetching }: { data: Preview | undefined; isFetching: boolean }): string | undefined {
  if (!data || isFetching) return 'The preview is being made.';
  return data.problems.length > 0 ? 'Take out what cannot be used, or settle that first.' : undefined;
}

interface WhatClientsSeeProps extends Pick<StaffDraft, 'entries'> {
  preview: Preview;
  detail: ProfileDetail;
}

function WhatClientsSee({ preview, detail: { sites, people }, entries }: WhatClientsSeeProps) {
  return (
    <>
      <PreviewProblems problems={preview.problems} />
      <p>
        AI clients will see <span className="font-medium">{describePreview(preview, entries)}</span>. {describeDenied(entries)} It
        is served at {sites.map(({ name }) => name).join(', ')}, for{' '}
        <span className="font-medium">{describeCount(people, 'person', 'people')}</span>.
      </p>
    </>
  );
}

function PublishedButtons({ slug, onClose }: { slug: string; onClose: () => void }) {
  const path = usePath();
  return (
    <>
      <Button onClick={onClose}>Close</Button>
      <LinkButton href={path(`/profiles/${slug}/connect`)} variant="primary">
        Connect an AI client
      </LinkButton>
    </>
  );
}

/** "3 tools, 1 prompt, instructions": what would be listed and said. */
/** "5 tools and instructions". What a profile says of itself is no instructions of a server. */
function describePreview({ tools, prompts, resources, resourceTemplates }: Preview, entries: StaffDraft['entries']): string {
  const counts = listCounts({
    tool: tools.length,
    prompt: prompts.length,
    resource: resources.length,
    template: resourceTemplates.length,
    instructions: filterByGroup('instructions', entries).length,
  });
  return counts.length === 0 ? 'nothing' : new Intl.ListFormat('en').format(counts);
}
