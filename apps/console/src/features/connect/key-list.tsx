'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Table, type Column } from '../../ui/layout/table.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { StatusDot } from '../../ui/status/status-dot.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';

type ClientKey = ApiOutput['clientKey']['list'][number];

const STATE = {
  live: { word: 'Live', tone: 'ok', hollow: false },
  expired: { word: 'Expired', tone: 'neutral', hollow: true },
  revoked: { word: 'Revoked', tone: 'neutral', hollow: true },
} as const satisfies Record<ClientKey['state'], unknown>;

export interface KeyListProps {
  title: string;
  /** of one profile; left out: of all */
  profileId?: string;
  /** one's own only */
  own?: boolean;
}

/** In a narrow table with its profile, which has no column of its own then. */
function Name({ clientKey: { name, profile }, hasProfile }: { clientKey: ClientKey; hasProfile: boolean }) {
  return (
    <span title={name}>
      {name}
      {hasProfile && <span className="block text-xs text-subtle @min-[30rem]:hidden">{profile.name}</span>}
    </span>
  );
}

/** Of which profile and of whom a key is, where the list is not about one alone. */
function getOwnerColumns(profileId: string | undefined, own: boolean): Column<ClientKey>[] {
  const profile: Column<ClientKey> = {
    key: 'profile',
    header: 'Profile',
    share: 'w-1/3',
    hideBelow: 'md',
    cell: (key) => key.profile.name,
  };
  const person: Column<ClientKey> = { key: 'person', header: 'Person', share: 'w-1/3', cell: (key) => key.person.name };
  return [...(profileId ? [] : [profile]), ...(own ? [] : [person])];
}

/** Keys of AI clients, never the keys themselves. Nothing is shown while there are none. */
export function KeyList({ title, profileId, own = false }: KeyListProps) {
  const trpc = useTRPC();
  const [revoking, setRevoking] = useState<ClientKey | null>(null);
  const keys = useQuery(trpc.clientKey.list.queryOptions({ profileId, own }));
  const revoke = useMutation(trpc.clientKey.revoke.mutationOptions());
  if (!keys.data || keys.data.length === 0) return null;

  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-base font-semibold">{title}</h2>
      <Table
        label={title}
        rows={keys.data}
        getRowKey={({ id }) => id}
        columns={[
          {
            key: 'name',
            header: 'Key',
            share: 'w-1/3',
            cell: (key) => <Name clientKey={key} hasProfile={profileId === undefined} />,
          },
          ...getOwnerColumns(profileId, own),
          { key: 'state', header: 'State', cell: ({ state }) => <StatusDot {...STATE[state]} /> },
          {
            key: 'expires',
            header: 'Expires',
            hideBelow: 'md',
            cell: ({ expiresAt, state }) => (state === 'live' ? <RelativeTime at={expiresAt} className="text-subtle" /> : '–'),
          },
          {
            key: 'revoke',
            header: 'Revoke',
            headerHidden: true,
            align: 'end',
            cell: (key) =>
              key.state === 'live' && (
                <Button variant="ghost" size="small" aria-label={`Revoke ${key.name}`} onClick={() => setRevoking(key)}>
                  Revoke
                </Button>
              ),
          },
        ]}
      />
      <ConfirmDialog
        open={revoking !== null}
        onOpenChange={(open) => !open && setRevoking(null)}
        title={`Revoke ${revoking?.name ?? ''}?`}
        confirmLabel="Revoke key"
        onConfirm={async () => {
          if (revoking) await revoke.mutateAsync({ keyId: revoking.id });
        }}
      >
        The AI client that holds it is refused from the moment the agents have the new configuration. A revoked key never works
        again.
      </ConfirmDialog>
    </section>
  );
}
