'use client';

import { ArchiveIcon, PlusIcon, StackIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { type ReactNode, useState } from 'react';

import { sumCounts } from '@gatehouse/policy/documents/entry-counts';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/form/choice.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Table, type Column } from '../../ui/layout/table.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { NewProfileDialog } from './new-profile-dialog.tsx';
import { ProfileState } from './profile-state.tsx';

type ProfileRow = ApiOutput['profile']['list'][number];

const SHOW = ['active', 'archived'] as const;

const COLUMNS: readonly Column<ProfileRow>[] = [
  {
    key: 'name',
    header: 'Profile',
    share: 'w-full',
    cell: ({ name, description }) => (
      <span className="flex min-w-0 items-baseline gap-3">
        <span className="max-w-full shrink-0 truncate @max-[46rem]:whitespace-normal" title={name}>
          {name}
        </span>
        <span className="min-w-0 truncate font-normal text-subtle @max-[46rem]:hidden">{description}</span>
      </span>
    ),
  },
  {
    key: 'state',
    header: 'State',
    cell: ({ publishedVersion, draftChanged, disabled, archivedAt }) => (
      <ProfileState version={publishedVersion} draftChanged={draftChanged} disabled={disabled} archived={archivedAt !== null} />
    ),
  },
  {
    key: 'published',
    header: 'Published',
    hideBelow: 'lg',
    cell: ({ publishedAt }) =>
      publishedAt ? <RelativeTime at={publishedAt} className="text-subtle" /> : <span className="text-subtle">–</span>,
  },
  {
    key: 'entries',
    header: 'Entries',
    align: 'end',
    hideBelow: 'md',
    cell: ({ selected }) => (selected ? sumCounts(selected) : 'cannot be read'),
  },
  { key: 'people', header: 'People', align: 'end', hideBelow: 'md', cell: ({ peopleCount }) => peopleCount },
  { key: 'endpoints', header: 'Endpoints', hideBelow: 'xl', cell: ({ endpoints }) => <Endpoints endpoints={endpoints} /> },
];

/** The first address, and how many more; a site without one is named. */
function Endpoints({ endpoints }: Pick<ProfileRow, 'endpoints'>) {
  const [first, ...more] = endpoints.toSorted((a, b) => Number(b.url !== null) - Number(a.url !== null));
  if (!first) return <span className="text-subtle">–</span>;
  return (
    <span className="inline-flex max-w-80 items-baseline gap-2">
      {first.url === null ? (
        <span className="text-subtle">{first.siteSlug} waits for an agent</span>
      ) : (
        <span className="truncate font-mono text-xs" title={first.url}>
          {first.url.replace(/^https?:\/\//, '')}
        </span>
      )}
      {more.length > 0 && <span className="text-xs text-subtle">+{more.length}</span>}
    </span>
  );
}

function NoProfile({ action }: { action: ReactNode }) {
  return (
    <EmptyState icon={StackIcon} title="No profiles yet" action={action}>
      A profile is a named workflow with exactly what it needs, served at one MCP endpoint. AI clients see nothing else.
    </EmptyState>
  );
}

function NothingArchived() {
  return (
    <EmptyState icon={ArchiveIcon} title="Nothing is archived">
      A profile that is not used any more can be archived: it refuses every call, and can be restored at any time.
    </EmptyState>
  );
}

/** Every profile: what is served, how many entries of servers, for how many people, where. */
export function ProfileList() {
  const trpc = useTRPC();
  const path = usePath();
  const { me, can } = useMe();
  const [creating, setCreating] = useState(false);
  const [show, setShow] = useQueryState('show', parseAsStringLiteral(SHOW).withDefault('active'));
  const profiles = useQuery(trpc.profile.list.queryOptions());
  const add = can('profile.edit') && (
    <Button variant="primary" icon={PlusIcon} onClick={() => setCreating(true)}>
      Create profile
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Profiles"
        sub="Which named workflows exist, and who gets which?"
        actions={profiles.data?.length ? add : undefined}
      />
      {me && !can('profile.edit') && (
        <p className="mb-3 text-muted">Your role reads profiles. A builder, an admin or an owner creates and edits them.</p>
      )}
      <Loaded query={profiles} errorTitle="Profiles could not be loaded">
        {(all) => {
          const archived = all.filter(({ archivedAt }) => archivedAt !== null);
          const active = all.filter(({ archivedAt }) => archivedAt === null);
          const rows = show === 'archived' ? archived : active;
          return (
            <div className="flex flex-col gap-3">
              {archived.length + Number(show === 'archived') > 0 && (
                <Choice
                  label="Which profiles"
                  className="self-start"
                  value={show}
                  onValueChange={(next) => void setShow(next)}
                  options={[
                    { value: 'active', label: `In use (${active.length})` },
                    { value: 'archived', label: `Archived (${archived.length})` },
                  ]}
                />
              )}
              <Table
                label="Profiles"
                columns={COLUMNS}
                rows={rows}
                getRowKey={({ id }) => id}
                buildHref={({ slug }) => path(`/profiles/${slug}`)}
                empty={show === 'archived' ? <NothingArchived /> : <NoProfile action={add} />}
                footer={describeCount(rows.length, 'profile')}
              />
            </div>
          );
        }}
      </Loaded>
      <NewProfileDialog open={creating} onOpenChange={setCreating} />
    </>
  );
}
