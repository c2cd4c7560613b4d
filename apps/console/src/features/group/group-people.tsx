'use client';

import { UsersThreeIcon } from '@phosphor-icons/react/ssr';
import { keepPreviousData, useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { SearchField } from '../../ui/form/search-field.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import type { GroupDetail } from './group-page.tsx';
import { LoadMore } from './load-more.tsx';

type Person = ApiOutput['group']['people']['rows'][number];

function getColumns(onRemove: ((person: Person) => void) | null): Column<Person>[] {
  const columns: Column<Person>[] = [
    { key: 'name', header: 'Person', share: 'w-1/2', cell: ({ name }) => name },
    { key: 'email', header: 'E-mail', share: 'w-1/2', hideBelow: 'md', cell: ({ email }) => email },
    {
      key: 'since',
      header: 'Since',
      hideBelow: 'lg',
      cell: ({ addedAt }) => addedAt && <RelativeTime at={addedAt} className="text-subtle" />,
    },
  ];
  if (!onRemove) return columns;
  const remove: Column<Person> = {
    key: 'remove',
    header: 'Actions',
    headerHidden: true,
    align: 'end',
    cell: (person) => (
      <Button variant="ghost" size="small" onClick={() => onRemove(person)} aria-label={`Take ${person.name} out of the group`}>
        Take out
      </Button>
    ),
  };
  return [...columns, remove];
}

/** Who is in it, a page at a time. */
export function GroupPeople({ group, mayRemove }: { group: GroupDetail; mayRemove: boolean }) {
  const trpc = useTRPC();
  const [search, setSearch] = useState('');
  const [leaving, setLeaving] = useState<Person | null>(null);
  const sought = useDeferredValue(search.trim());
  const people = useInfiniteQuery(
    trpc.group.people.infiniteQueryOptions(
      { groupId: group.id, search: sought },
      { getNextPageParam: ({ nextCursor }) => nextCursor, placeholderData: keepPreviousData },
    ),
  );
  const rows = people.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Loaded query={people} errorTitle="The people of the group could not be loaded">
      {({ pages }) => (
        <section aria-label="People" className="flex min-w-0 flex-col gap-3">
          {(rows.length > 0 || search !== '') && (
            <div className="flex">
              <SearchField
                label="Search people of the group"
                placeholder="Search name or e-mail"
                value={search}
                onValueChange={setSearch}
              />
            </div>
          )}
          <Table
            label="People of the group"
            columns={getColumns(mayRemove ? setLeaving : null)}
            rows={rows}
            getRowKey={({ membershipId }) => membershipId}
            footer={<LoadMore list={people} shown={rows.length} total={pages[0]?.total ?? 0} />}
            empty={
              search === '' ? (
                <EmptyState icon={UsersThreeIcon} title="Nobody is in it yet">
                  Whoever is added may use what the group was given, at once.
                </EmptyState>
              ) : (
                <EmptyState title="Nobody matches">Look for a part of a name or an address.</EmptyState>
              )
            }
          />
          <TakeOut group={group} person={leaving} onClose={() => setLeaving(null)} />
        </section>
      )}
    </Loaded>
  );
}

function TakeOut({ group, person, onClose }: { group: GroupDetail; person: Person | null; onClose: () => void }) {
  const trpc = useTRPC();
  const toast = useToast();
  const remove = useMutation(trpc.group.removeMembers.mutationOptions());
  const add = useMutation(trpc.group.addMembers.mutationOptions());

  async function confirm(): Promise<void> {
    if (!person) return;
    const change = { groupId: group.id, membershipIds: [person.membershipId] };
    const { revokedKeys } = await remove.mutateAsync(change);
    toast({
      title: `${person.name} is not in ${group.name} any more`,
      ...(revokedKeys > 0 && {
        description: `${describeCount(revokedKeys, 'client key')} stopped working, and undoing does not bring them back.`,
      }),
      undo: () => add.mutate(change),
    });
  }

  return (
    <ConfirmDialog
      open={person !== null}
      onOpenChange={(open) => !open && onClose()}
      title={`Take ${person?.name ?? ''} out of ${group.name}?`}
      confirmLabel="Take out"
      onConfirm={confirm}
    >
      {group.profiles.length === 0
        ? 'The group was given no profile, so nothing stops working.'
        : `What only this group gives ends at once: client keys for ${describeCount(group.profiles.length, 'profile')} stop working, unless the person has the profile by name or by another group.`}
    </ConfirmDialog>
  );
}
