'use client';

import { ListMagnifyingGlassIcon } from '@phosphor-icons/react/ssr';

import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { CallArguments, CalledName, CallResult } from '../../ui/entity/call-cells.tsx';
import { type CallRow, formatMs } from '../../ui/entity/call-words.ts';
import { Card } from '../../ui/layout/card.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { OutcomeChip } from '../../ui/status/badge.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { ClockTime } from '../../ui/text/relative-time.tsx';

const COLUMNS: readonly Column<CallRow>[] = [
  { key: 'time', header: 'Time', cell: ({ receivedAt }) => <ClockTime at={receivedAt} className="font-normal" />, width: 'w-28' },
  { key: 'who', header: 'Who', cell: ({ person }) => person?.name ?? 'not recognised', share: 'w-2/12', hideBelow: 'md' },
  { key: 'used', header: 'What', cell: (call) => <CalledName call={call} />, share: 'w-4/12' },
  { key: 'arguments', header: 'Arguments', cell: (call) => <CallArguments call={call} />, share: 'w-4/12', hideBelow: 'lg' },
  { key: 'outcome', header: 'Outcome', cell: ({ outcome }) => <OutcomeChip outcome={outcome} /> },
  { key: 'result', header: 'Result', cell: (call) => <CallResult call={call} />, share: 'w-2/12', hideBelow: 'xl' },
  { key: 'ms', header: 'ms', cell: ({ durationMs }) => formatMs(durationMs), align: 'end', hideBelow: 'md', width: 'w-16' },
];

/** The newest calls, each a link to its receipt. */
export function RecentCalls({ calls }: { calls: readonly CallRow[] }) {
  const path = usePath();
  return (
    <Card
      title="Recent calls"
      padded={false}
      className="overflow-hidden"
      actions={
        <LinkButton size="small" variant="ghost" className="-mr-2" href={path('/audit')}>
          Open audit
        </LinkButton>
      }
    >
      <Table
        label="Recent calls"
        className="rounded-none border-0"
        columns={COLUMNS}
        rows={calls}
        getRowKey={({ id }) => id}
        buildHref={({ id }) => path(`/audit?peek=${id}`)}
        empty={
          <EmptyState icon={ListMagnifyingGlassIcon} title="No calls yet">
            Each call of an AI client leaves a receipt here: who, what was used, and how it ended.
          </EmptyState>
        }
      />
    </Card>
  );
}
