'use client';

import { PlusIcon, UsersThreeIcon } from '@phosphor-icons/react/ssr';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { parseAsString, useQueryState } from 'nuqs';
import { type ReactNode, useDeferredValue, useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';
import { SearchField } from '../../ui/form/search-field.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { LoadMore } from './load-more.tsx';
import { NewGroup } from './new-group.tsx';

type GroupRow = ApiOutput['group']['list']['rows'][number];

const COLUMNS: readonly Column<GroupRow>[] = [
  {
    key: 'name',
    header: 'Group',
    share: 'w-full',
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
  { key: 'people', header: 'People', align: 'end', cell: ({ people }) => people.toLocaleString('en') },
  { key: 'profiles', header: 'Profiles', align: 'end', cell: ({ profiles }) => profiles },
];

/** Who is given something together. */
export function GroupList() {
  const trpc = useTRPC();
  const path = usePath();
  const { can } = useMe();
  const [adding, setAdding] = useState(false);
  const [search, setSearch] = useQueryState('q', parseAsString.withDefault(''));
  const sought = useDeferredValue(search.trim());
  const groups = useInfiniteQuery(
    trpc.group.list.infiniteQueryOptions(
      { search: sought },
      { getNextPageParam: ({ nextCursor }) => nextCursor, placeholderData: keepPreviousData },
    ),
  );
  const rows = groups.data?.pages.flatMap((page) => page.rows) ?? [];
  const add = can('group.manage') && (
    <Button variant="primary" icon={PlusIcon} onClick={() => setAdding(true)}>
      New group
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Groups"
        sub="People who are given the same profiles. What a group has, everybody in it has."
        actions={add}
      />
      <Loaded query={groups} errorTitle="The groups could not be loaded">
        {({ pages }) => (
          <div className="flex flex-col gap-3">
            {(rows.length > 0 || search !== '') && (
              <div className="flex">
                <SearchField
                  label="Search groups"
                  placeholder="Search name or purpose"
                  value={search}
                  onValueChange={(text) => void setSearch(text || null)}
                />
              </div>
            )}
            <Table
              label="Groups"
              columns={COLUMNS}
              rows={rows}
              getRowKey={({ id }) => id}
              buildHref={({ id }) => path(`/groups/${id}`)}
              footer={<LoadMore list={groups} shown={rows.length} total={pages[0]?.total ?? 0} />}
              empty={<NoGroups search={search} add={add} />}
            />
          </div>
        )}
      </Loaded>
      {adding && <NewGroup onClose={() => setAdding(false)} />}
    </>
  );
}

/** Of the workspace, or of what is searched for. */
function NoGroups({ search, add }: { search: string; add: ReactNode }) {
  if (search !== '') return <EmptyState title="No group matches">Look for a part of its name, or of what it is for.</EmptyState>;
  return (
    <EmptyState icon={UsersThreeIcon} title="No groups yet" action={add}>
      Put people who do the same work into a group and give it profiles: whoever joins has them, whoever leaves loses them at
      once.
    </EmptyState>
  );
}
