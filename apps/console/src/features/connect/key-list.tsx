'use client';

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useState } from 'react';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { WhatStops } from '../../ui/entity/what-stops.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { type BulkActProps, BulkDialog } from '../../ui/list/bulk-dialog.tsx';
import { buildFilter } from '../../ui/list/filter-select.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useBulk } from '../../ui/list/use-bulk.ts';
import { useListState } from '../../ui/list/use-list-state.ts';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { ErrorState } from '../../ui/status/states.tsx';
import { StatusDot } from '../../ui/status/status-dot.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';

type ClientKey = ApiOutput['clientKey']['list']['rows'][number];

const STATE = {
  live: { word: 'Live', tone: 'ok', hollow: false },
  ending: { word: 'Ends soon', tone: 'warn', hollow: false },
  expired: { word: 'Expired', tone: 'neutral', hollow: true },
  revoked: { word: 'Revoked', tone: 'neutral', hollow: true },
} as const satisfies Record<ClientKey['state'] | 'ending', unknown>;

const STATES = ['live', 'ending', 'expired', 'revoked'] as const;

const KEY_STATES = STATES.map((value) => ({ value, label: STATE[value].word }));

export interface KeyListProps {
  title: string;
  /** of one profile; left out: of all */
  profileId?: string;
  /** one's own only */
  own?: boolean;
}

interface NameProps {
  clientKey: ClientKey;
  hasProfile: boolean;
  hasPerson: boolean;
}

/** In a narrow table with its profile and its person, which have no columns of their own then. */
function Name({ clientKey: { name, profile, person }, hasProfile, hasPerson }: NameProps) {
  return (
    <span title={name}>
      {name}
      {hasProfile && <span className="block text-xs text-subtle @min-[30rem]:hidden">{profile.name}</span>}
      {hasPerson && <span className="block text-xs text-subtle @min-[30rem]:hidden">{person.name}</span>}
    </span>
  );
}

/** Of which profile and of whom a key is, where the list is not about one alone. */
function getOwnerColumns(profileId: string | undefined, own: boolean): Column<ClientKey>[] {
  const profile: Column<ClientKey> = {
    key: 'profile',
    header: 'Profile',
    sort: { by: 'profile', first: 'asc' },
    share: 'w-1/3',
    hideBelow: 'md',
    cell: (key) => key.profile.name,
  };
  const person: Column<ClientKey> = {
    key: 'person',
    header: 'Person',
    share: 'w-1/3',
    hideBelow: 'md',
    sort: { by: 'person', first: 'asc' },
    cell: (key) => key.person.name,
  };
  return [...(profileId ? [] : [profile]), ...(own ? [] : [person])];
}

interface Asked {
  about: About;
  key: ClientKey;
}

interface Shown extends Pick<KeyListProps, 'profileId'> {
  own: boolean;
  /** left out: nothing is done to any of them now */
  onAsk: ((asked: Asked) => void) | undefined;
}

function getColumns({ profileId, own, onAsk }: Shown): Column<ClientKey>[] {
  return [
    {
      key: 'name',
      header: 'Key',
      sort: { by: 'name', first: 'asc' },
      share: 'w-1/3',
      cell: (key) => <Name clientKey={key} hasProfile={profileId === undefined} hasPerson={!own} />,
    },
    ...getOwnerColumns(profileId, own),
    { key: 'state', header: 'State', cell: ({ state, isEnding }) => <StatusDot {...STATE[isEnding ? 'ending' : state]} /> },
    {
      key: 'used',
      header: 'Last used',
      sort: { by: 'used', first: 'desc' },
      hideBelow: 'lg',
      cell: ({ lastUsedAt }) => (lastUsedAt ? <RelativeTime at={lastUsedAt} className="text-subtle" /> : '–'),
    },
    {
      key: 'expires',
      header: 'Expires',
      sort: { by: 'expires', first: 'asc' },
      hideBelow: 'md',
      cell: ({ expiresAt, state }) => (state === 'live' ? <RelativeTime at={expiresAt} className="text-subtle" /> : '–'),
    },
    {
      key: 'actions',
      header: 'Actions',
      headerHidden: true,
      align: 'end',
      cell: (key) => onAsk && key.state === 'live' && <KeyActions name={key.name} onAsk={(about) => onAsk({ about, key })} />,
    },
  ];
}

/** Keys of AI clients, never the keys themselves. Nothing is shown while there are none. */
export function KeyList({ title, profileId, own = false }: KeyListProps) {
  const trpc = useTRPC();
  const { isStopped } = useMe();
  // those of all stand below one's own
  const prefix = own ? '' : 'all-';
  const [asked, setAsked] = useState<Asked | null>(null);
  const bulk = useBulk<ClientKey, 'revoke'>();
  const list = useListState(['made', 'name', 'person', 'profile', 'used', 'expires'], { prefix });
  const [state, setState] = useQueryState(`${prefix}state`, parseAsStringLiteral(STATES).withOptions({ history: 'push' }));
  const keys = useInfiniteQuery(
    trpc.clientKey.list.infiniteQueryOptions({ ...list.asked, profileId, own, state: state ?? undefined, limit: 20 }, LIST_PAGES),
  );
  if (keys.error && !keys.data)
    return <ErrorState error={keys.error} title="The keys could not be loaded" onRetry={() => void keys.refetch()} />;
  if (!keys.data) return null;
  if (keys.data.pages[0]?.total === 0 && state === null && list.search === '') return null;

  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-base font-semibold">{title}</h2>
      <ListTable
        label={title}
        noun={['key', 'keys']}
        query={keys}
        state={list}
        filters={[
          buildFilter({
            label: 'State',
            any: 'Any state',
            options: KEY_STATES,
            value: state,
            onChange: (next) => void setState(next),
          }),
        ]}
        errorTitle="The keys could not be loaded"
        empty={null}
        getRowKey={({ id }) => id}
        columns={getColumns({ profileId, own, onAsk: isStopped ? undefined : setAsked })}
        bulk={{
          ...bulk.selection,
          getLabel: ({ name, person }) => (own ? `Select ${name}` : `Select ${name} of ${person.name}`),
          canSelect: (key) => key.state === 'live' && !isStopped,
          present: (rows) => (
            <Button size="small" variant="danger-quiet" onClick={() => bulk.ask('revoke', rows)}>
              Revoke…
            </Button>
          ),
        }}
      />
      {bulk.asked && <RevokeSeveral rows={bulk.asked.rows} onClose={bulk.close} />}
      {asked?.about === 'revoke' && <RevokeKey clientKey={asked.key} onClose={() => setAsked(null)} />}
      {asked?.about === 'sessions' && <EndSessions clientKey={asked.key} onClose={() => setAsked(null)} />}
    </section>
  );
}

function RevokeSeveral(props: Pick<BulkActProps, 'rows' | 'onClose'>) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const revoke = useMutation(
    trpc.clientKey.revokeMany.mutationOptions({ onSuccess: () => queries.invalidateQueries(trpc.clientKey.list.pathFilter()) }),
  );
  return (
    <BulkDialog {...props} noun={['key', 'keys']} verb={['Revoke', 'revoked']} apply={(ids) => revoke.mutateAsync({ ids })}>
      <p>AI clients that hold them are refused from the moment the agents hear of it. A revoked key never works again.</p>
      <KeyStops ids={props.rows.map(({ id }) => id)} />
    </BulkDialog>
  );
}

type About = 'revoke' | 'sessions';

function KeyActions({ name, onAsk }: { name: string; onAsk: (about: About) => void }) {
  return (
    <span className="inline-flex justify-end @max-[30rem]:flex-col @max-[30rem]:items-end">
      <Button variant="ghost" size="small" aria-label={`End sessions of ${name}`} onClick={() => onAsk('sessions')}>
        End sessions
      </Button>
      <Button variant="ghost" size="small" aria-label={`Revoke ${name}`} onClick={() => onAsk('revoke')}>
        Revoke
      </Button>
    </span>
  );
}

interface KeyDialogProps {
  clientKey: ClientKey;
  onClose: () => void;
}

function RevokeKey({ clientKey: { id, name }, onClose }: KeyDialogProps) {
  const revoke = useMutation(useTRPC().clientKey.revoke.mutationOptions());
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Revoke ${name}?`}
      confirmLabel="Revoke key"
      onConfirm={() => revoke.mutateAsync({ keyId: id })}
    >
      <p>The AI client that holds it is refused from the moment the agents hear of it. A revoked key never works again.</p>
      <KeyStops ids={[id]} />
    </ConfirmDialog>
  );
}

function KeyStops({ ids }: { ids: string[] }) {
  const trpc = useTRPC();
  return <WhatStops asked={trpc.clientKey.whatStops.queryOptions({ ids })} none="None of them works now." />;
}

function EndSessions({ clientKey: { id, name }, onClose }: KeyDialogProps) {
  const toast = useToast();
  const end = useMutation(
    useTRPC().clientKey.endSessions.mutationOptions({ onSuccess: () => toast({ title: `The sessions of ${name} are ended` }) }),
  );
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`End the sessions of ${name}?`}
      confirmLabel="End sessions"
      onConfirm={() => end.mutateAsync({ keyId: id })}
    >
      What AI clients have open by this key ends at every agent, with the calls that are running in it. The key goes on working: a
      client that holds it may open another session. Clients of the newest protocol have no sessions; revoke the key to keep one
      out.
    </ConfirmDialog>
  );
}
