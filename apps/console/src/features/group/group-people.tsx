'use client';

import { UsersThreeIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { Button } from '../../ui/button.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useListState } from '../../ui/list/use-list-state.ts';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import type { GroupDetail } from './group-page.tsx';

type Person = ApiOutput['group']['people']['rows'][number];

function getColumns(onRemove: ((person: Person) => void) | null): Column<Person>[] {
  const columns: Column<Person>[] = [
    { key: 'name', header: 'Person', share: 'w-1/2', sort: { by: 'name', first: 'asc' }, cell: ({ name }) => name },
    {
      key: 'email',
      header: 'E-mail',
      share: 'w-1/2',
      hideBelow: 'md',
      sort: { by: 'email', first: 'asc' },
      cell: ({ email }) => email,
    },
    {
      key: 'since',
      header: 'Since',
      hideBelow: 'lg',
      sort: { by: 'since', first: 'desc' },
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
  const [leaving, setLeaving] = useState<Person | null>(null);
  const state = useListState(['name', 'email', 'since']);
  const people = useInfiniteQuery(trpc.group.people.infiniteQueryOptions({ groupId: group.id, ...state.asked }, LIST_PAGES));
  return (
    <section aria-label="People" className="min-w-0">
      <ListTable
        label="People of the group"
        noun={['person', 'people']}
        query={people}
        state={state}
        errorTitle="The people of the group could not be loaded"
        columns={getColumns(mayRemove ? setLeaving : null)}
        getRowKey={({ membershipId }) => membershipId}
        empty={
          <EmptyState icon={UsersThreeIcon} title="Nobody is in it yet">
            Whoever is added may use what the group was given, at once.
          </EmptyState>
        }
      />
      <TakeOut group={group} person={leaving} onClose={() => setLeaving(null)} />
    </section>
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
      {group.profileCount === 0
        ? 'The group was given no profile, so nothing stops working.'
        : `What only this group gives ends at once: client keys for ${describeCount(group.profileCount, 'profile')} stop working, unless the person has the profile by name or by another group.`}
    </ConfirmDialog>
  );
}
