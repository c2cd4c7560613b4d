'use client';

import { PlusIcon, UsersThreeIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useListState } from '../../ui/list/use-list-state.ts';
import { Badge } from '../../ui/status/badge.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { NewGroup } from './new-group.tsx';

type GroupRow = ApiOutput['group']['list']['rows'][number];

const COLUMNS: readonly Column<GroupRow>[] = [
  {
    key: 'name',
    header: 'Group',
    share: 'w-full',
    sort: { by: 'name', first: 'asc' },
    cell: ({ name, description, source }) => (
      <span className="flex min-w-0 items-baseline gap-3">
        <span className="max-w-full shrink-0 truncate @max-[46rem]:whitespace-normal" title={name}>
          {name}
        </span>
        {source === 'provider' && <Badge>Identity provider</Badge>}
        <span className="min-w-0 truncate font-normal text-subtle @max-[46rem]:hidden">{description}</span>
      </span>
    ),
  },
  {
    key: 'people',
    header: 'People',
    align: 'end',
    sort: { by: 'people', first: 'desc' },
    cell: ({ people }) => people.toLocaleString('en'),
  },
  { key: 'profiles', header: 'Profiles', align: 'end', cell: ({ profiles }) => profiles },
];

/** Who is given something together. */
export function GroupList() {
  const trpc = useTRPC();
  const path = usePath();
  const { can } = useMe();
  const [adding, setAdding] = useState(false);
  const state = useListState(['name', 'people', 'made']);
  const groups = useInfiniteQuery(trpc.group.list.infiniteQueryOptions(state.asked, LIST_PAGES));
  const add = can('group.manage') && (
    <Button variant="primary" icon={PlusIcon} onClick={() => setAdding(true)}>
      New group
    </Button>
  );
  // the empty list offers it itself
  const isEmpty = state.search === '' && groups.data?.pages[0]?.total === 0;
  return (
    <>
      <PageHeader
        title="Groups"
        sub="People who are given the same profiles. What a group has, everybody in it has."
        primary={groups.data && !isEmpty && add}
      />
      <ListTable
        label="Groups"
        noun={['group', 'groups']}
        query={groups}
        state={state}
        errorTitle="The groups could not be loaded"
        columns={COLUMNS}
        getRowKey={({ id }) => id}
        buildHref={({ id }) => path(`/groups/${id}`)}
        empty={
          <EmptyState icon={UsersThreeIcon} title="No groups yet" action={add}>
            Put people who do the same work into a group and give it profiles: whoever joins has them, whoever leaves loses them
            at once.
          </EmptyState>
        }
      />
      {adding && <NewGroup onClose={() => setAdding(false)} />}
    </>
  );
}
