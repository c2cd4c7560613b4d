'use client';

import { ListMagnifyingGlassIcon } from '@phosphor-icons/react/ssr';

import type { ApiOutput } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { OutcomeChip } from '../../ui/status/badge.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { ClockTime } from '../../ui/text/relative-time.tsx';

type Call = ApiOutput['overview']['get']['lastCalls'][number];

const COLUMNS: readonly Column<Call>[] = [
  { key: 'time', header: 'Time', cell: ({ receivedAt }) => <ClockTime at={receivedAt} className="font-normal" />, width: 'w-28' },
  { key: 'who', header: 'Who', cell: ({ person }) => person?.name ?? 'Not recognised', share: 'w-2/12', hideBelow: 'md' },
  {
    key: 'tool',
    header: 'Tool',
    cell: (call) => <Outside mono text={call.advertisedName ?? call.name ?? 'unknown tool'} />,
    share: 'w-4/12',
  },
  {
    key: 'arguments',
    header: 'Arguments',
    cell: ({ argumentsSummary }) => <Outside text={argumentsSummary ?? '–'} />,
    share: 'w-4/12',
    hideBelow: 'lg',
  },
  { key: 'outcome', header: 'Outcome', cell: ({ outcome }) => <OutcomeChip outcome={outcome} /> },
  {
    key: 'result',
    header: 'Result',
    cell: ({ resultSummary, reasonCode }) => <Outside text={resultSummary ?? reasonCode.replaceAll('_', ' ')} />,
    share: 'w-2/12',
    hideBelow: 'xl',
  },
  {
    key: 'ms',
    header: 'ms',
    cell: ({ durationMs }) => durationMs.toFixed(durationMs < 10 ? 1 : 0),
    align: 'end',
    hideBelow: 'md',
    width: 'w-16',
  },
];

/** Names and values that come from clients and servers. */
function Outside({ text, mono }: { text: string; mono?: boolean }) {
  return (
    <bdi title={text} className={mono ? 'font-mono text-xs' : undefined}>
      {text}
    </bdi>
  );
}

/** The newest calls, each a link to its receipt. */
export function RecentCalls({ calls }: { calls: readonly Call[] }) {
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
            Each call of an AI client leaves a receipt here: who, which tool, and how it ended.
          </EmptyState>
        }
      />
    </Card>
  );
}
