'use client';

import { PlugsConnectedIcon, PowerIcon } from '@phosphor-icons/react/ssr';
import { useMutation, useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Banner } from '../../ui/card.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ErrorLine } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Builder } from './builder.tsx';
import { isPublished, type ProfileDetail, type StaffDraft } from './draft.ts';
import { PreviewDialog } from './preview-dialog.tsx';
import { ProfileAccess } from './profile-access.tsx';
import { PublishDialog } from './publish-dialog.tsx';
import { Rollout } from './rollout.tsx';
import { SaveIndicator } from './save-indicator.tsx';
import { useDraft } from './use-draft.ts';

const TABS = ['tools', 'access', 'rollout'] as const;

/** One profile: its tools, who may use it, and which agents serve it. */
export function ProfilePage({ slug }: { slug: string }) {
  const trpc = useTRPC();
  const profile = useQuery(trpc.profile.get.queryOptions({ slug }));
  return (
    <Loaded query={profile} errorTitle="The profile could not be loaded">
      {(detail) => (detail.draft ? <Page key={detail.profile.id} detail={detail} stored={detail.draft} /> : <ForUse detail={detail} />)}
    </Loaded>
  );
}

/** What someone sees who may only use it. */
function ForUse({ detail }: { detail: ProfileDetail }) {
  const path = usePath();
  return (
    <PageHeader
      title={detail.profile.name}
      sub={detail.profile.description}
      actions={
        <LinkButton href={path(`/profiles/${detail.profile.slug}/connect`)} variant="primary" icon={PlugsConnectedIcon}>
          Connect an AI client
        </LinkButton>
      }
    />
  );
}

function Page({ detail, stored }: { detail: ProfileDetail; stored: StaffDraft }) {
  const path = usePath();
  const { can } = useMe();
  const { profile, published } = detail;
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('tools'));
  const [dialog, setDialog] = useState<'preview' | 'publish' | null>(null);
  const editor = useDraft(profile.id, stored);
  const nothingNew = isPublished(stored, published);
  const next = (published?.version ?? 0) + 1;

  return (
    <>
      <PageHeader
        title={profile.name}
        status={<ProfileStatus detail={detail} nothingNew={nothingNew} />}
        sub={profile.description || 'No description yet.'}
        actions={
          <>
            {can('profile.edit') && <SaveIndicator save={editor.save} />}
            {can('profile.publish') && <DisableButton detail={detail} />}
            <LinkButton href={path(`/profiles/${profile.slug}/connect`)} icon={PlugsConnectedIcon}>
              Connect
            </LinkButton>
            <Button onClick={() => setDialog('preview')}>Preview</Button>
            <Button
              variant="primary"
              disabledReason={publishRefusal({ detail, stored, nothingNew, settled: editor.settled, mayPublish: can('profile.publish') })}
              onClick={() => setDialog('publish')}
            >
              Publish v{nothingNew && published ? published.version : next}…
            </Button>
          </>
        }
      />
      {profile.disabledAt !== null && (
        <Banner tone="warn" title="This profile is off" className="mb-4">
          Its endpoint refuses every call. Tools, people and keys stay as they are.
        </Banner>
      )}
      <Tabs
        label="Parts of the profile"
        value={tab}
        onValueChange={(value) => void setTab(value)}
        tabs={[
          { value: 'tools', label: 'Tools', count: editor.draft.tools.length, content: <Builder detail={detail} editor={editor} editable={can('profile.edit')} /> },
          { value: 'access', label: 'Access', count: detail.access.length, content: <ProfileAccess detail={detail} /> },
          { value: 'rollout', label: 'Rollout', content: <Rollout profileId={profile.id} /> },
        ]}
      />
      <PreviewDialog detail={detail} open={dialog === 'preview'} onOpenChange={(open) => setDialog(open ? 'preview' : null)} />
      <PublishDialog detail={detail} stored={stored} open={dialog === 'publish'} onOpenChange={(open) => setDialog(open ? 'publish' : null)} />
    </>
  );
}

function ProfileStatus({ detail: { profile, published }, nothingNew }: { detail: ProfileDetail; nothingNew: boolean }) {
  if (profile.disabledAt !== null) return <Badge tone="warn">Off</Badge>;
  if (!published) return <Badge>Not published</Badge>;
  return (
    <span className="flex items-center gap-2">
      <Badge tone="ok">v{published.version} served</Badge>
      {!nothingNew && <Badge tone="info">Draft changed</Badge>}
    </span>
  );
}

/** Why publishing is not possible now, told before anyone tries. */
function publishRefusal(facts: {
  detail: ProfileDetail;
  stored: StaffDraft;
  nothingNew: boolean;
  settled: boolean;
  mayPublish: boolean;
}): string | undefined {
  const { detail, stored, nothingNew, settled, mayPublish } = facts;
  if (!mayPublish) return 'Your role edits drafts. An admin or an owner publishes them.';
  if (detail.profile.disabledAt !== null) return 'The profile is off. Enable it first.';
  if (!settled) return 'The draft is not saved yet.';
  if (stored.tools.length === 0) return 'Select at least one tool.';
  if (nothingNew) return `Version ${detail.published?.version} holds exactly this.`;
  return undefined;
}

function DisableButton({ detail: { profile } }: { detail: ProfileDetail }) {
  const trpc = useTRPC();
  const [asking, setAsking] = useState(false);
  const disable = useMutation(trpc.profile.disable.mutationOptions());
  const enable = useMutation(trpc.profile.enable.mutationOptions());
  if (profile.disabledAt !== null) {
    return (
      <>
        {enable.error && <ErrorLine error={enable.error} />}
        <Button icon={PowerIcon} loading={enable.isPending} onClick={() => enable.mutate({ profileId: profile.id })}>
          Enable
        </Button>
      </>
    );
  }
  return (
    <>
      <Button variant="ghost" icon={PowerIcon} onClick={() => setAsking(true)}>
        Turn off
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Turn off ${profile.name}?`}
        confirmLabel="Turn off profile"
        onConfirm={() => disable.mutateAsync({ profileId: profile.id })}
      >
        Its endpoint refuses every call from the moment the agents have the new configuration. You can turn it on again at any time.
      </ConfirmDialog>
    </>
  );
}
