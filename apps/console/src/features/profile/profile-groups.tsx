'use client';

import { UsersThreeIcon } from '@phosphor-icons/react/ssr';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { usePartySearch } from '../../trpc/use-party-search.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';
import { type Party, PartyField } from '../../ui/form/party-field.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { Table } from '../../ui/layout/table.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { EmptyState, ErrorLine } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import type { ProfileDetail } from './draft/draft.ts';

type Group = ProfileDetail['groups'][number];

/** The groups that have the profile. */
export function ProfileGroups({ detail, manages }: { detail: ProfileDetail; manages: boolean }) {
  const path = usePath();
  const [leaving, setLeaving] = useState<Group | null>(null);
  return (
    <div className="flex flex-col gap-4">
      {manages && <AddGroup detail={detail} />}
      <Table
        label="Groups with access"
        rows={detail.groups}
        getRowKey={({ id }) => id}
        buildHref={({ id }) => path(`/groups/${id}`)}
        columns={[
          { key: 'name', header: 'Group', share: 'w-full', cell: ({ name }) => name },
          { key: 'people', header: 'People', align: 'end', cell: ({ people }) => people.toLocaleString('en') },
          { key: 'since', header: 'Since', cell: ({ grantedAt }) => <RelativeTime at={grantedAt} className="text-subtle" /> },
          {
            key: 'remove',
            header: 'Actions',
            headerHidden: true,
            align: 'end',
            cell: (group) =>
              manages && (
                <Button
                  variant="ghost"
                  size="small"
                  onClick={() => setLeaving(group)}
                  aria-label={`Take access from ${group.name}`}
                >
                  Take access
                </Button>
              ),
          },
        ]}
        empty={
          <EmptyState icon={UsersThreeIcon} title="No group has it yet">
            Everybody in a group that has it may make a key, from joining the group until leaving it.
          </EmptyState>
        }
        footer={describeCount(detail.groups.length, 'group')}
      />
      <TakeFromGroup profileId={detail.profile.id} group={leaving} onClose={() => setLeaving(null)} />
    </div>
  );
}

function AddGroup({ detail }: { detail: ProfileDetail }) {
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
          without={detail.groups}
        />
        <Button
          icon={UsersThreeIcon}
          loading={give.isPending}
          disabledReason={chosen === null ? 'Choose a group first.' : undefined}
          onClick={() => chosen && give.mutate({ profileId: detail.profile.id, groupId: chosen.id })}
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
      title={`Take access from ${group?.name ?? ''}?`}
      confirmLabel="Take access"
      onConfirm={async () => {
        if (group) await take.mutateAsync({ profileId, groupId: group.id });
      }}
    >
      Keys of its {describeCount(group?.people ?? 0, 'person', 'people')} for this profile stop working at once, except where
      somebody has it by name or by another group. Giving access again does not bring the keys back.
    </ConfirmDialog>
  );
}
