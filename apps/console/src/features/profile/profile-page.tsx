'use client';

import { EyeIcon, PlugsConnectedIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useMemo, useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { filterByGroup, ENTRY_GROUPS, type EntryGroup } from '../../ui/entity/entry-group.ts';
import { Banner } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { type TabItem, Tabs } from '../../ui/layout/tabs.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { Builder, type BuilderProps } from './builder/builder.tsx';
import { listCollisions } from './draft/collisions.ts';
import { getKnownEntries, type ProfileDetail, type StaffDraft } from './draft/draft.ts';
import { SaveIndicator } from './draft/save-indicator.tsx';
import { type DraftEditor, useDraft } from './draft/use-draft.ts';
import { ProfileAccess } from './profile-access.tsx';
import { ProfileState } from './profile-state.tsx';
import { ProfileSwitch } from './profile-switch.tsx';
import { PreviewDialog } from './publish/preview-dialog.tsx';
import { PublishDialog } from './publish/publish-dialog.tsx';
import { Rollout } from './publish/rollout.tsx';

const TABS = ['tools', 'prompts', 'resources', 'instructions', 'access', 'rollout'] as const;

/** One profile: its tools, who may use it, and which agents serve it. */
export function ProfilePage({ slug }: { slug: string }) {
  const trpc = useTRPC();
  const profile = useQuery(trpc.profile.get.queryOptions({ slug }));
  return (
    <Loaded isPage query={profile} errorTitle="The profile could not be loaded">
      {(detail) =>
        detail.draft ? (
          <ForStaff key={detail.profile.id} detail={detail} stored={detail.draft} />
        ) : (
          <ForUse profile={detail.profile} />
        )
      }
    </Loaded>
  );
}

/** The builder, with everything that could be selected. */
function ForStaff({ detail, stored }: { detail: ApiOutput['profile']['get']; stored: StaffDraft }) {
  const trpc = useTRPC();
  const choices = useQuery(trpc.entry.choices.queryOptions({ profileId: detail.profile.id }));
  return (
    <Loaded isPage query={choices} errorTitle="What the servers offer could not be loaded">
      {(offered) => <Page detail={{ ...detail, choices: offered }} stored={stored} />}
    </Loaded>
  );
}

/** What someone sees who may only use it. */
function ForUse({ profile }: { profile: ProfileDetail['profile'] }) {
  const path = usePath();
  return (
    <PageHeader
      title={profile.name}
      sub={profile.description}
      actions={
        <LinkButton href={path(`/profiles/${profile.slug}/connect`)} variant="primary" icon={PlugsConnectedIcon}>
          Connect an AI client
        </LinkButton>
      }
    />
  );
}

function Page({ detail, stored }: { detail: ProfileDetail; stored: StaffDraft }) {
  const { me, can } = useMe();
  const { profile, published } = detail;
  const [dialog, setDialog] = useState<'preview' | 'publish' | null>(null);
  const [opened, setOpened] = useState(0);
  const known = useMemo(() => getKnownEntries(detail), [detail]);
  const editor = useDraft(profile.id, stored, (draft) => listCollisions(draft, known).length === 0);

  function publish(): void {
    setOpened(opened + 1);
    setDialog('publish');
  }

  return (
    <>
      <PageHeader
        title={profile.name}
        status={
          <ProfileState
            version={published?.version ?? null}
            draftChanged={stored.changed}
            disabled={profile.disabledAt !== null}
          />
        }
        sub={profile.description || 'No description yet.'}
        actions={
          <Actions detail={detail} stored={stored} editor={editor} onPreview={() => setDialog('preview')} onPublish={publish} />
        }
      />
      {profile.disabledAt !== null && (
        <Banner tone="warn" title="This profile is disabled" className="mb-4">
          Its endpoint refuses every call. Tools, people and keys stay as they are.{' '}
          {can('profile.publish') && profile.canEnable.reason}
        </Banner>
      )}
      {me && !can('profile.edit') && (
        <p className="mb-3 text-muted">You see this profile read-only. A builder, an admin or an owner edits it.</p>
      )}
      <Parts detail={detail} known={known} editor={editor} editable={can('profile.edit')} />
      <PreviewDialog
        detail={detail}
        known={known}
        open={dialog === 'preview'}
        onOpenChange={(open) => setDialog(open ? 'preview' : null)}
      />
      <PublishDialog
        key={opened}
        detail={detail}
        stored={stored}
        open={dialog === 'publish'}
        onOpenChange={(open) => setDialog(open ? 'publish' : null)}
      />
    </>
  );
}

interface ActionsProps {
  detail: ProfileDetail;
  stored: StaffDraft;
  editor: DraftEditor;
  onPreview: () => void;
  onPublish: () => void;
}

function Actions({ detail, stored, editor, onPreview, onPublish }: ActionsProps) {
  const path = usePath();
  const { can } = useMe();
  const { profile, published } = detail;
  const rights = { mayEdit: can('profile.edit'), mayPublish: can('profile.publish') };
  return (
    <>
      {rights.mayEdit && <SaveIndicator save={editor.save} />}
      {rights.mayPublish && <ProfileSwitch profile={profile} />}
      <LinkButton href={path(`/profiles/${profile.slug}/connect`)} icon={PlugsConnectedIcon}>
        Connect
      </LinkButton>
      <Button icon={EyeIcon} onClick={onPreview}>
        Preview
      </Button>
      <Button
        variant="primary"
        disabledReason={findPublishProblem({ detail, stored, settled: editor.settled, ...rights })}
        onClick={onPublish}
      >
        Publish version {(published?.version ?? 0) + 1}
      </Button>
    </>
  );
}

function Parts({ detail, ...rest }: Omit<BuilderProps, 'group'>) {
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('tools').withOptions({ history: 'push' }));
  const { entries } = rest.editor.draft;
  const { profile, published, access } = detail;
  const groupTab = (group: EntryGroup): TabItem<(typeof TABS)[number]> => ({
    value: group,
    label: ENTRY_GROUPS[group].title,
    count: filterByGroup(group, entries).length,
    content: <Builder group={group} detail={detail} {...rest} />,
  });
  return (
    <Tabs
      label="Parts of the profile"
      value={tab}
      onValueChange={(value) => void setTab(value)}
      tabs={[
        groupTab('tools'),
        groupTab('prompts'),
        groupTab('resources'),
        groupTab('instructions'),
        { value: 'access', label: 'Access', count: access.length, content: <ProfileAccess detail={detail} /> },
        {
          value: 'rollout',
          label: 'Rollout',
          content: <Rollout profileId={profile.id} publishedAt={published?.publishedAt ?? null} />,
        },
      ]}
    />
  );
}

/** Why publishing is not possible now, told before anyone tries. */
function findPublishProblem(facts: {
  detail: ProfileDetail;
  stored: StaffDraft;
  settled: boolean;
  mayEdit: boolean;
  mayPublish: boolean;
}): string | undefined {
  const { detail, stored, settled, mayEdit, mayPublish } = facts;
  if (!mayPublish)
    return mayEdit ? 'Your role edits drafts. An admin or an owner publishes them.' : 'An admin or an owner publishes profiles.';
  if (detail.profile.disabledAt !== null) return 'The profile is disabled. Enable it first.';
  if (!settled) return 'The draft is not saved yet.';
  if (stored.entries.length === 0) return 'Select at least one entry.';
  if (!stored.changed) return `Version ${detail.published?.version} holds exactly this.`;
  return undefined;
}
