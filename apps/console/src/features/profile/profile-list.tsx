'use client';

import { PlusIcon, StackIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { NewProfileDialog } from './new-profile-dialog.tsx';

type ProfileRow = ApiOutput['profile']['list'][number];

const COLUMNS: readonly Column<ProfileRow>[] = [
  { key: 'name', header: 'Profile', width: 'min-w-40', cell: ({ name }) => name },
  {
    key: 'version',
    header: 'Served',
    cell: ({ publishedVersion, draftChanged, disabled }) => (
      <span className="flex items-center gap-2">
        {publishedVersion === null || disabled ? <span className="text-subtle">{disabled ? 'off' : 'not published'}</span> : `v${publishedVersion}`}
        {publishedVersion !== null && draftChanged && !disabled && <Badge tone="info">Draft changed</Badge>}
      </span>
    ),
  },
  { key: 'tools', header: 'Tools', align: 'end', cell: ({ toolCount }) => toolCount },
  { key: 'people', header: 'People', align: 'end', cell: ({ peopleCount }) => peopleCount },
  {
    key: 'published',
    header: 'Published',
    hideBelow: 'md',
    cell: ({ publishedAt }) => (publishedAt ? <RelativeTime at={publishedAt} className="text-subtle" /> : <span className="text-subtle">never</span>),
  },
  {
    key: 'description',
    header: 'For',
    hideBelow: 'lg',
    width: 'w-full max-w-0',
    cell: ({ description }) => <span className="block truncate text-muted">{description}</span>,
  },
];

/** Every profile: what is served, how many tools, for how many people. */
export function ProfileList() {
  const trpc = useTRPC();
  const path = usePath();
  const { can } = useMe();
  const [creating, setCreating] = useState(false);
  const profiles = useQuery(trpc.profile.list.queryOptions());
  const add = can('profile.edit') && (
    <Button variant="primary" icon={PlusIcon} onClick={() => setCreating(true)}>
      New profile
    </Button>
  );
  return (
    <>
      <PageHeader title="Profiles" sub="Which named workflows exist, and who gets which?" actions={profiles.data?.length ? add : undefined} />
      <Loaded query={profiles} errorTitle="Profiles could not be loaded">
        {(rows) => (
          <Table
            label="Profiles"
            columns={COLUMNS}
            rows={rows}
            rowKey={({ id }) => id}
            href={({ slug }) => path(`/profiles/${slug}`)}
            empty={
              <EmptyState icon={StackIcon} title="No profiles yet" action={add}>
                A profile is a named workflow with exactly the tools it needs, served at one MCP endpoint. AI clients see nothing else.
              </EmptyState>
            }
            footer={rows.length === 1 ? '1 profile' : `${rows.length} profiles`}
          />
        )}
      </Loaded>
      <NewProfileDialog open={creating} onOpenChange={setCreating} />
    </>
  );
}
