'use client';

import { HandWavingIcon } from '@phosphor-icons/react/ssr';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { Table } from '../../ui/layout/table.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { AskDialog } from './ask-dialog.tsx';

export type Askable = ApiOutput['accessRequest']['askable'][number];

/** Profiles that one has not and may ask for, and what came of asking. Nothing at all where there are none. */
export function AskForAccess() {
  const profiles = useQuery(useTRPC().accessRequest.askable.queryOptions());
  const [asking, setAsking] = useState<Askable | null>(null);
  return (
    <Loaded query={profiles} errorTitle="The profiles that you can ask for could not be loaded">
      {(rows) =>
        rows.length > 0 && (
          <section aria-labelledby="ask-for-access">
            <h2 id="ask-for-access" className="mb-2 text-base font-semibold">
              Profiles you can ask for
            </h2>
            <Table
              label="Profiles you can ask for"
              rows={rows}
              getRowKey={({ id }) => id}
              columns={[
                { key: 'name', header: 'Profile', share: 'w-1/2', cell: (row) => <NameAndPurpose profile={row} /> },
                {
                  key: 'owner',
                  header: 'Who decides',
                  hideBelow: 'lg',
                  share: 'w-1/4',
                  cell: ({ owner }) => owner?.name ?? <span className="text-subtle">an admin</span>,
                },
                { key: 'request', header: 'Asked', hideBelow: 'md', share: 'w-1/4', cell: (row) => <Standing profile={row} /> },
                {
                  key: 'ask',
                  header: 'Actions',
                  headerHidden: true,
                  align: 'end',
                  cell: (row) => <AskOrWithdraw profile={row} onAsk={() => setAsking(row)} />,
                },
              ]}
              footer={describeCount(rows.length, 'profile')}
            />
            {asking && <AskDialog profile={asking} onClose={() => setAsking(null)} />}
          </section>
        )
      }
    </Loaded>
  );
}

function NameAndPurpose({ profile: { name, description, request } }: { profile: Askable }) {
  return (
    <span title={description}>
      {name}
      <span className="block truncate text-xs font-normal text-subtle @max-[46rem]:whitespace-normal">{description}</span>
      {request?.state === 'refused' && request.decision !== null && (
        <span className="block text-xs font-normal wrap-anywhere whitespace-normal text-danger-fg">
          Refused: {request.decision}
        </span>
      )}
    </span>
  );
}

/** What came of the newest request. */
function Standing({ profile: { request } }: { profile: Askable }) {
  if (!request) return <span className="text-subtle">–</span>;
  switch (request.state) {
    case 'open':
      return (
        <span>
          <Badge>Waiting</Badge> <RelativeTime at={request.requestedAt} className="text-subtle" />
        </span>
      );
    case 'refused':
      return <Badge>Refused</Badge>;
    case 'granted':
      return <span className="text-subtle">ended</span>;
    case 'withdrawn':
      return <span className="text-subtle">withdrawn</span>;
  }
}

function AskOrWithdraw({ profile, onAsk }: { profile: Askable; onAsk: () => void }) {
  const toast = useToast();
  const { isStopped } = useMe();
  const { request, name } = profile;
  const withdraw = useMutation(
    useTRPC().accessRequest.withdraw.mutationOptions({ onSuccess: () => toast({ title: 'The request is withdrawn' }) }),
  );
  if (isStopped) return null;
  if (request?.state !== 'open') {
    return (
      <Button size="small" icon={HandWavingIcon} onClick={onAsk} aria-label={`Ask for ${name}`}>
        Ask…
      </Button>
    );
  }
  return (
    <>
      <Button
        variant="ghost"
        size="small"
        loading={withdraw.isPending}
        onClick={() => withdraw.mutate({ requestId: request.id })}
        aria-label={`Withdraw the request for ${name}`}
      >
        Withdraw
      </Button>
      {withdraw.error && <ErrorLine error={withdraw.error} />}
    </>
  );
}
