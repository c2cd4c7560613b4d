'use client';

import { EyeIcon, PlugsConnectedIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { type ReactNode, useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { filterByGroup, ENTRY_GROUPS, type EntryGroup } from '../../ui/entity/entry-group.ts';
import { LeaveGuard } from '../../ui/form/leave-guard.tsx';
import { Banner } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { type TabItem, Tabs } from '../../ui/layout/tabs.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { Builder, type BuilderProps } from './builder/builder.tsx';
import { listCollisions } from './draft/collisions.ts';
import type { ProfileDetail, StaffDraft } from './draft/draft.ts';
import { SaveIndicator } from './draft/save-indicator.tsx';
import { type DraftEditor, type SaveState, useDraft } from './draft/use-draft.ts';
import { useKnown } from './draft/use-known.ts';
import { ProfileHistory } from './history/profile-history.tsx';
import { ProfileAccess } from './profile-access.tsx';
import { ProfileState } from './profile-state.tsx';
import { ProfileSwitch } from './profile-switch.tsx';
import { PreviewDialog } from './publish/preview-dialog.tsx';
import { PublishDialog } from './publish/publish-dialog.tsx';
import { Rollout } from './publish/rollout.tsx';
import { AskToPublish, RequestBanners, useIsAsked } from './request/publish-request.tsx';
import { ProfileMenu, RestoreButton } from './settings/profile-menu.tsx';

const TABS = ['tools', 'prompts', 'resources', 'instructions', 'access', 'rollout', 'history'] as const;

/** One profile: its tools, who may use it, which agents serve it, and what it was before. `duties`: who owns it and who decides. */
export function ProfilePage({ slug, duties }: { slug: string; duties: ReactNode }) {
  const trpc = useTRPC();
  const profile = useQuery(trpc.profile.get.queryOptions({ slug }));
  return (
    <Loaded isPage query={profile} errorTitle="The profile could not be loaded">
      {(detail) =>
        detail.draft ? (
          <ForStaff key={detail.profile.id} detail={detail} stored={detail.draft} duties={duties} />
        ) : (
          <ForUse profile={detail.profile} />
        )
      }
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
      primary={
        <LinkButton href={path(`/profiles/${profile.slug}/connect`)} variant="primary" icon={PlugsConnectedIcon}>
          Connect an AI client
        </LinkButton>
      }
    />
  );
}

interface StaffProps {
  detail: ProfileDetail;
  stored: StaffDraft;
  duties: ReactNode;
}

/** What is changed is not going to be saved by itself. */
const STUCK: ReadonlySet<SaveState['kind']> = new Set(['blocked', 'overtaken', 'refused']);

/** The builder and what belongs to it. */
function ForStaff({ detail, stored, duties }: StaffProps) {
  const { me, can, holds } = useMe();
  const { profile } = detail;
  const [dialog, setDialog] = useState<'preview' | 'publish' | null>(null);
  const [opened, setOpened] = useState(0);
  const { known, addMet } = useKnown(stored);
  const editor = useDraft(profile.id, stored, (draft) => listCollisions(draft, known).length === 0);
  const actions = { detail, stored, editor };
  const archived = profile.archivedAt !== null;

  function publish(): void {
    setOpened(opened + 1);
    setDialog('publish');
  }

  return (
    <>
      <PageHeader
        title={profile.name}
        status={<Status detail={detail} stored={stored} />}
        sub={profile.description || 'No description yet.'}
        note={!archived && can('profile.edit') && <SaveIndicator save={editor.save} />}
        actions={<Actions detail={detail} onPreview={() => setDialog('preview')} />}
        primary={!archived && <PublishAction {...actions} onPublish={publish} />}
      />
      {/* everything else is saved on the way out */}
      <LeaveGuard unsaved={STUCK.has(editor.save.kind)} />
      <OffBanner profile={profile} />
      {!archived && <RequestBanners detail={detail} onPublish={publish} publishProblem={findPublishProblem(actions)} />}
      {me && !holds('profile.edit') && (
        <p className="mb-3 text-muted">You see this profile read-only. A builder, an admin or an owner edits it.</p>
      )}
      <Parts
        detail={detail}
        known={known}
        onMeet={addMet}
        editor={editor}
        stored={stored}
        duties={duties}
        editable={can('profile.edit') && !archived}
      />
      <PreviewDialog detail={detail} open={dialog === 'preview'} onOpenChange={(open) => setDialog(open ? 'preview' : null)} />
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

function Status({ detail: { profile, published }, stored }: Pick<PageFacts, 'detail' | 'stored'>) {
  return (
    <ProfileState
      version={published?.version ?? null}
      draftChanged={stored.changed}
      disabled={profile.disabledAt !== null}
      archived={profile.archivedAt !== null}
    />
  );
}

/** That nothing of it is served, and the way back. */
function OffBanner({ profile }: Pick<ProfileDetail, 'profile'>) {
  const { can } = useMe();
  const reason = can('profile.publish') && profile.canEnable.reason;
  if (profile.archivedAt !== null) {
    return (
      <Banner
        tone="warn"
        title="This profile is archived"
        className="mb-4"
        action={can('profile.publish') && <RestoreButton profile={profile} />}
      >
        Its endpoints refuse every call. Draft, versions, people and keys stay as they are. {reason}
      </Banner>
    );
  }
  if (profile.disabledAt === null) return null;
  return (
    <Banner tone="warn" title="This profile is disabled" className="mb-4">
      Its endpoint refuses every call. Tools, people and keys stay as they are. {reason}
    </Banner>
  );
}

interface PageFacts {
  detail: ProfileDetail;
  stored: StaffDraft;
  editor: DraftEditor;
}

function Actions({ detail, onPreview }: { detail: ProfileDetail; onPreview: () => void }) {
  const path = usePath();
  const { can } = useMe();
  const { profile } = detail;
  const archived = profile.archivedAt !== null;
  return (
    <>
      {!archived && can('profile.publish') && <ProfileSwitch profile={profile} />}
      {!archived && (
        <LinkButton href={path(`/profiles/${profile.slug}/connect`)} icon={PlugsConnectedIcon}>
          Connect
        </LinkButton>
      )}
      <Button icon={EyeIcon} onClick={onPreview}>
        Preview
      </Button>
      <ProfileMenu detail={detail} />
    </>
  );
}

/** Publishes what is in the draft, or asks those who may. */
function PublishAction({ onPublish, ...facts }: PageFacts & { onPublish: () => void }) {
  const { can } = useMe();
  const { detail, stored } = facts;
  const isAsked = useIsAsked(detail.profile.id);
  const problem = findPublishProblem(facts);
  if (can('profile.publish')) {
    return (
      <Button variant="primary" disabledReason={problem} onClick={onPublish}>
        Publish version {(detail.published?.version ?? 0) + 1}
      </Button>
    );
  }
  if (!can('profile.edit')) return null;
  const asked = isAsked ? 'It is asked for already.' : undefined;
  return <AskToPublish detail={detail} stored={stored} disabledReason={asked ?? problem} />;
}

function Parts({ detail, stored, duties, ...rest }: Omit<BuilderProps, 'group'> & Omit<StaffProps, 'detail'>) {
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('tools').withOptions({ history: 'push' }));
  const { entries } = rest.editor.draft;
  const { profile, published, people } = detail;
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
        { value: 'access', label: 'Access', count: people, content: <ProfileAccess detail={detail} duties={duties} /> },
        {
          value: 'rollout',
          label: 'Rollout',
          content: <Rollout profileId={profile.id} publishedAt={published?.publishedAt ?? null} />,
        },
        { value: 'history', label: 'History', content: <ProfileHistory detail={detail} stored={stored} editor={rest.editor} /> },
      ]}
    />
  );
}

/** Why publishing, or asking for it, is not possible now, told before anyone tries. */
function findPublishProblem({ detail: { profile, published }, stored, editor }: PageFacts): string | undefined {
  if (profile.archivedAt !== null) return 'The profile is archived. Restore it first.';
  if (profile.disabledAt !== null) return 'The profile is disabled. Enable it first.';
  if (!editor.settled) return 'The draft is not saved yet.';
  if (stored.entries.length === 0) return 'Select at least one entry.';
  if (!stored.changed) return `Version ${published?.version} holds exactly this.`;
  return undefined;
}
