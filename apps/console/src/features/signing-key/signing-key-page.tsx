'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { DayTime } from '../../ui/text/relative-time.tsx';
import { AgentNotes } from './agent-notes.tsx';
import { RotateKey } from './rotate-key.tsx';
import { describeUse, type SigningKey } from './signing-key-words.ts';

const COLUMNS: readonly Column<SigningKey>[] = [
  {
    key: 'id',
    header: 'Key',
    share: 'w-1/2',
    cell: ({ id, isRoot }) => (
      <span title={id}>
        <span className="font-mono">{id}</span> {isRoot && <Badge>Root</Badge>}
      </span>
    ),
  },
  { key: 'use', header: 'Signs', share: 'w-1/2', cell: describeUse },
  { key: 'made', header: 'Made', width: 'w-36', hideBelow: 'md', cell: ({ createdAt }) => <DayTime at={createdAt} /> },
  {
    key: 'retired',
    header: 'Retired',
    width: 'w-36',
    hideBelow: 'lg',
    cell: ({ retiredAt }) => (retiredAt ? <DayTime at={retiredAt} /> : '–'),
  },
];

/** Which keys sign what agents accept, and replacing the one that signs. */
export function SigningKeyPage() {
  const trpc = useTRPC();
  const { can } = useMe();
  const keys = useQuery(trpc.signingKey.get.queryOptions());
  return (
    <>
      <PageHeader
        title="Signing keys"
        sub="Whose signature do the agents of this workspace accept?"
        status={keys.data && <span className="text-subtle">keyset {keys.data.keysetVersion || 'not signed yet'}</span>}
        actions={can('signing_key.rotate') && keys.data && <RotateKey keys={keys.data} />}
      />
      <Loaded query={keys} errorTitle="The signing keys could not be loaded">
        {(data) => (
          <div className="flex flex-col gap-5">
            <AgentNotes keys={data} />
            <Table label="Signing keys" columns={COLUMNS} rows={data.keys} getRowKey={({ id }) => id} />
          </div>
        )}
      </Loaded>
    </>
  );
}
