'use client';

import { HandWavingIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/form/choice.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useBulk } from '../../ui/list/use-bulk.ts';
import { useListState } from '../../ui/list/use-list-state.ts';
import { Badge } from '../../ui/status/badge.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { DayTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { DecideSeveral } from './decide-several.tsx';
import { GrantDialog } from './grant-dialog.tsx';
import { RefuseDialog } from './refuse-dialog.tsx';

export type AccessRequest = ApiOutput['accessRequest']['list']['rows'][number];

type Open = { kind: 'grant' | 'refuse'; request: AccessRequest } | null;

const SHOW = ['open', 'closed'] as const;
const STATE = { open: 'Waiting', granted: 'Granted', refused: 'Refused', withdrawn: 'Withdrawn' } as const;

function Wish({ request: { reason, decision } }: { request: AccessRequest }) {
  return (
    <span title={reason}>
      {reason}
      {decision !== null && <span className="block text-xs text-subtle">Refused: {decision}</span>}
    </span>
  );
}

const findEnd = ({ state, wantedUntil, grantedUntil }: AccessRequest): Date | null =>
  state === 'granted' ? grantedUntil : wantedUntil;

/** In a narrow table with all that is decided on, which has no columns of its own then. */
function Person({ request }: { request: AccessRequest }) {
  const end = findEnd(request);
  return (
    <>
      <span title={request.person.name}>{request.person.name}</span>
      <span className="block text-xs font-normal text-subtle @min-[46rem]:hidden">
        <span className="@min-[30rem]:hidden">{request.profile.name}, </span>
        {end !== null && 'until '}
        <End until={end} />
      </span>
      <span className="block text-xs font-normal text-subtle @min-[30rem]:hidden">
        <Wish request={request} />
      </span>
    </>
  );
}

function getColumns(open: (next: Open) => void, isStopped: boolean): Column<AccessRequest>[] {
  return [
    {
      key: 'person',
      header: 'Person',
      share: 'w-1/4',
      sort: { by: 'person', first: 'asc' },
      cell: (request) => <Person request={request} />,
    },
    {
      key: 'profile',
      header: 'Profile',
      share: 'w-1/4',
      hideBelow: 'md',
      sort: { by: 'profile', first: 'asc' },
      cell: ({ profile }) => profile.name,
    },
    { key: 'reason', header: 'What for', share: 'w-1/2', hideBelow: 'md', cell: (request) => <Wish request={request} /> },
    {
      key: 'until',
      header: 'Until',
      hideBelow: 'lg',
      cell: (request) => <End until={findEnd(request)} />,
    },
    {
      key: 'asked',
      header: 'Asked',
      hideBelow: 'lg',
      sort: { by: 'asked', first: 'desc' },
      cell: ({ requestedAt }) => <RelativeTime at={requestedAt} className="text-subtle" />,
    },
    {
      key: 'decide',
      header: 'Actions',
      headerHidden: true,
      align: 'end',
      cell: (request) => <Actions request={request} isStopped={isStopped} open={open} />,
    },
  ];
}

function End({ until }: { until: Date | null }) {
  return until === null ? <span className="text-subtle">no end</span> : <DayTime at={until} />;
}

interface ActionsProps {
  request: AccessRequest;
  isStopped: boolean;
  open: (next: Open) => void;
}

function Actions({ request, isStopped, open }: ActionsProps) {
  const { state, isOwn, person, profile } = request;
  if (state !== 'open' || isStopped) return <Badge>{STATE[state]}</Badge>;
  if (isOwn) return <span className="text-subtle">yours</span>;
  const about = `${profile.name} for ${person.name}`;
  return (
    <span className="inline-flex gap-1">
      <Button size="small" onClick={() => open({ kind: 'grant', request })} aria-label={`Give ${about}`}>
        Give…
      </Button>
      <Button variant="ghost" size="small" onClick={() => open({ kind: 'refuse', request })} aria-label={`Refuse ${about}`}>
        Refuse…
      </Button>
    </span>
  );
}

const nameRequest = ({ profile, person }: AccessRequest): string => `${profile.name} for ${person.name}`;

function BulkButtons({ onAsk }: { onAsk: (act: 'grant' | 'refuse') => void }) {
  return (
    <>
      <Button size="small" onClick={() => onAsk('grant')}>
        Give…
      </Button>
      <Button size="small" variant="danger-quiet" onClick={() => onAsk('refuse')}>
        Refuse…
      </Button>
    </>
  );
}

/** What people have asked for, for whoever decides on it. */
export function RequestList() {
  const trpc = useTRPC();
  const { isStopped } = useMe();
  const [state, setState] = useQueryState('show', parseAsStringLiteral(SHOW).withDefault('open'));
  const [open, setOpen] = useState<Open>(null);
  const bulk = useBulk<AccessRequest, 'grant' | 'refuse'>();
  const list = useListState(['asked', 'person', 'profile']);
  const requests = useInfiniteQuery(trpc.accessRequest.list.infiniteQueryOptions({ ...list.asked, state }, LIST_PAGES));
  const close = (): void => setOpen(null);
  return (
    <>
      <PageHeader
        title="Access requests"
        sub="Who asks for a profile that you decide on? What you give ends by itself at its end."
        actions={
          <Choice
            label="Show"
            value={state}
            onValueChange={(next) => void setState(next)}
            options={[
              { value: 'open', label: 'Waiting' },
              { value: 'closed', label: 'Decided' },
            ]}
          />
        }
      />
      <ListTable
        label="Access requests"
        noun={['request', 'requests']}
        query={requests}
        state={list}
        errorTitle="The requests could not be loaded"
        columns={getColumns(setOpen, isStopped)}
        getRowKey={({ id }) => id}
        bulk={{
          ...bulk.selection,
          getLabel: (request) => `Select ${nameRequest(request)}`,
          canSelect: (request) => request.state === 'open' && !request.isOwn && !isStopped,
          present: (rows) => <BulkButtons onAsk={(act) => bulk.ask(act, rows)} />,
        }}
        empty={<Nobody state={state} />}
      />
      {bulk.asked && (
        <DecideSeveral
          act={bulk.asked.act}
          rows={bulk.asked.rows.map((request) => ({ id: request.id, name: nameRequest(request) }))}
          onClose={bulk.close}
        />
      )}
      {open?.kind === 'grant' && <GrantDialog request={open.request} onClose={close} />}
      {open?.kind === 'refuse' && <RefuseDialog request={open.request} onClose={close} />}
    </>
  );
}

function Nobody({ state }: { state: (typeof SHOW)[number] }) {
  return (
    <EmptyState icon={HandWavingIcon} title={state === 'open' ? 'Nobody waits' : 'Nothing was decided yet'}>
      People ask on their Connect page for profiles that they do not have.
    </EmptyState>
  );
}
