'use client';

import { UsersThreeIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { usePartySearch } from '../../trpc/use-party-search.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';
import { type Party, PartyField } from '../../ui/form/party-field.tsx';
import { Card } from '../../ui/layout/card.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useListState } from '../../ui/list/use-list-state.ts';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { EmptyState, ErrorLine } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import type { ProfileDetail } from './draft/draft.ts';

type Group = ApiOutput['profile']['groups']['rows'][number];

function getColumns(onTake: ((group: Group) => void) | null): Column<Group>[] {
  const columns: Column<Group>[] = [
    { key: 'name', header: 'Group', share: 'w-full', sort: { by: 'name', first: 'asc' }, cell: ({ name }) => name },
    {
      key: 'people',
      header: 'People',
      align: 'end',
      sort: { by: 'people', first: 'desc' },
      cell: ({ people }) => people.toLocaleString('en'),
    },
    {
      key: 'since',
      header: 'Since',
      sort: { by: 'since', first: 'desc' },
      cell: ({ grantedAt }) => <RelativeTime at={grantedAt} className="text-subtle" />,
    },
  ];
  if (!onTake) return columns;
  const take: Column<Group> = {
    key: 'remove',
    header: 'Actions',
    headerHidden: true,
    align: 'end',
    cell: (group) => (
      <Button variant="ghost" size="small" onClick={() => onTake(group)} aria-label={`Remove access from ${group.name}`}>
        Remove access
      </Button>
    ),
  };
  return [...columns, take];
}

/** The groups that have the profile. */
export function ProfileGroups({ detail, manages }: { detail: ProfileDetail; manages: boolean }) {
  const trpc = useTRPC();
  const path = usePath();
  const [leaving, setLeaving] = useState<Group | null>(null);
  const profileId = detail.profile.id;
  const state = useListState(['name', 'people', 'since'], { prefix: 'group-' });
  const groups = useInfiniteQuery(trpc.profile.groups.infiniteQueryOptions({ profileId, ...state.asked }, LIST_PAGES));
  return (
    <div className="flex flex-col gap-4">
      {manages && <AddGroup profileId={profileId} without={groups.data?.pages.flatMap((page) => page.rows) ?? []} />}
      <div>
        <ListTable
          label="Groups with access"
          noun={['group', 'groups']}
          query={groups}
          state={state}
          errorTitle="The groups with access could not be loaded"
          columns={getColumns(manages ? setLeaving : null)}
          getRowKey={({ id }) => id}
          buildHref={({ id }) => path(`/groups/${id}`)}
          empty={
            <EmptyState icon={UsersThreeIcon} title="No group has it yet">
              Everybody in a group that has it may make a key, from joining the group until leaving it.
            </EmptyState>
          }
        />
      </div>
      <TakeFromGroup profileId={profileId} group={leaving} onClose={() => setLeaving(null)} />
    </div>
  );
}

function AddGroup({ profileId, without }: { profileId: string; without: readonly Group[] }) {
  const trpc = useTRPC();
  const groups = useQuery(trpc.group.list.queryOptions({ limit: 1 }));
  const search = usePartySearch(true);
  const [chosen, setChosen] = useState<Party | null>(null);
  const give = useMutation(trpc.group.giveProfile.mutationOptions({ onSuccess: () => setChosen(null) }));
  if ((groups.data?.rows ?? []).length === 0) return null;
  return (
    <Card>
      <div className="flex flex-wrap items-end gap-2">
        <PartyField
          search={search}
          label="Group"
          className="w-72 max-w-full"
          placeholder="Search groups…"
          value={chosen}
          onValueChange={setChosen}
          without={without}
        />
        <Button
          icon={UsersThreeIcon}
          loading={give.isPending}
          disabledReason={chosen === null ? 'Choose a group first.' : undefined}
          onClick={() => chosen && give.mutate({ profileId, groupId: chosen.id })}
        >
          Give to group
        </Button>
      </div>
      {give.error && <ErrorLine error={give.error} className="mt-3" />}
    </Card>
  );
}

function TakeFromGroup({ profileId, group, onClose }: { profileId: string; group: Group | null; onClose: () => void }) {
  const take = useMutation(useTRPC().group.takeProfile.mutationOptions());
  return (
    <ConfirmDialog
      open={group !== null}
      onOpenChange={(open) => !open && onClose()}
      title={`Remove access from ${group?.name ?? ''}?`}
      confirmLabel="Remove access"
      onConfirm={async () => {
        if (group) await take.mutateAsync({ profileId, groupId: group.id });
      }}
    >
      Keys of its {describeCount(group?.people ?? 0, 'person', 'people')} for this profile stop working at once, except where
      somebody has it by name or by another group. Giving access again does not bring the keys back.
    </ConfirmDialog>
  );
}
