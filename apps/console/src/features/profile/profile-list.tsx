'use client';

import { ArchiveIcon, PlusIcon, StackIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery } from '@tanstack/react-query';
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { type ReactNode, useState } from 'react';

import { sumCounts } from '@gatehouse/policy/documents/entry-counts';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { useSiteOptions } from '../../trpc/use-sites.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { buildArchiveBulk } from '../../ui/list/archive-bulk.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useBulk } from '../../ui/list/use-bulk.ts';
import { useListState } from '../../ui/list/use-list-state.ts';
import { UsedOrArchived } from '../../ui/list/used-or-archived.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { NewProfileDialog } from './new-profile-dialog.tsx';
import { ProfileState } from './profile-state.tsx';
import { EndProfiles } from './settings/end-profiles.tsx';

type ProfileRow = ApiOutput['profile']['list']['rows'][number];

const FILTERS = { show: parseAsStringLiteral(['active', 'archived']).withDefault('active'), site: parseAsString };

const COLUMNS: readonly Column<ProfileRow>[] = [
  {
    key: 'name',
    header: 'Profile',
    sort: { by: 'name', first: 'asc' },
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
    sort: { by: 'published', first: 'desc' },
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
        <span className="text-subtle">{first.siteName} waits for an agent</span>
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

/** What the list is narrowed to, by its address. */
function useProfileFilters() {
  const [{ show, site }, set] = useQueryStates(FILTERS, { history: 'push' });
  const sites = useSiteOptions();
  const archived = show === 'archived';
  return {
    archived,
    setArchived: (next: boolean) => void set({ show: next ? 'archived' : 'active' }),
    asked: { archived, siteId: site ?? undefined },
    filters: [
      {
        label: 'Site',
        any: 'Any site',
        options: sites,
        value: site,
        onChange: (next: string | null) => void set({ site: next }),
      },
    ],
  };
}

/** Every profile: what is served, how many entries of servers, for how many people, where. */
export function ProfileList() {
  const trpc = useTRPC();
  const path = usePath();
  const { me, can, holds } = useMe();
  const [creating, setCreating] = useState(false);
  const state = useListState(['name', 'published', 'made']);
  const { archived, setArchived, asked, filters } = useProfileFilters();
  const bulk = useBulk<ProfileRow, 'archive' | 'restore'>();
  const profiles = useInfiniteQuery(trpc.profile.list.infiniteQueryOptions({ ...state.asked, ...asked }, LIST_PAGES));
  const isNarrowed = archived || state.search !== '' || filters.some(({ value }) => value !== null);
  const isEmpty = !isNarrowed && profiles.data?.pages[0]?.total === 0;
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
        primary={profiles.data && !isEmpty && add}
      />
      {me && !holds('profile.edit') && (
        <p className="mb-3 text-muted">Your role reads profiles. A builder, an admin or an owner creates and edits them.</p>
      )}
      <UsedOrArchived label="Which profiles" archived={archived} onChange={setArchived} />
      <ListTable
        label="Profiles"
        noun={['profile', 'profiles']}
        query={profiles}
        state={state}
        filters={filters}
        errorTitle="Profiles could not be loaded"
        columns={COLUMNS}
        getRowKey={({ id }) => id}
        buildHref={({ slug }) => path(`/profiles/${slug}`)}
        bulk={can('profile.publish') ? buildArchiveBulk(bulk, archived) : undefined}
        empty={archived ? <NothingArchived /> : <NoProfile action={add} />}
      />
      {bulk.asked && <EndProfiles {...bulk.asked} onClose={bulk.close} />}
      <NewProfileDialog open={creating} onOpenChange={setCreating} />
    </>
  );
}
