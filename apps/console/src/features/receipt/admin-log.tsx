'use client';

import { ClipboardTextIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery } from '@tanstack/react-query';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ClockTime } from '../../ui/relative-time.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Table, type Column } from '../../ui/table.tsx';

type AdminRow = ApiOutput['adminAudit']['list']['rows'][number];

function changeText(value: unknown): string {
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

const COLUMNS: readonly Column<AdminRow>[] = [
  { key: 'at', header: 'Time', width: 'w-28', cell: ({ at }) => <ClockTime at={at} className="tabular-nums" /> },
  {
    key: 'who',
    header: 'Who',
    cell: ({ actorName, actorKind }) => (actorKind === 'system' ? `Gatehouse (${actorName})` : actorName),
  },
  { key: 'action', header: 'Action', cell: ({ action }) => <span className="font-mono text-xs">{action}</span> },
  {
    key: 'entity',
    header: 'On',
    hideBelow: 'md',
    cell: ({ entityType, entityId }) => (
      <span title={entityId}>
        {entityType.replaceAll('_', ' ')} <span className="font-mono text-xs text-subtle">{entityId.slice(-8)}</span>
      </span>
    ),
  },
  {
    key: 'change',
    header: 'Change',
    hideBelow: 'lg',
    cell: ({ before, after }) => (
      <span
        className="block max-w-120 truncate font-mono text-xs text-muted"
        title={`${changeText(before)} → ${changeText(after)}`}
      >
        {[changeText(before), changeText(after)].filter((part) => part !== '').join(' → ')}
      </span>
    ),
  },
];

/** What administrators, agents and jobs changed. Never edited, written in the transaction of the change. */
export function AdminLog() {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.adminAudit.list.infiniteQueryOptions({ limit: 100 }, { getNextPageParam: ({ nextCursor }) => nextCursor }),
  );
  return (
    <>
      <PageHeader title="Admin log" sub="Who changed what in this workspace?" />
      <Loaded query={query} errorTitle="The admin log could not be loaded">
        {({ pages }) => (
          <Table
            label="Admin log"
            columns={COLUMNS}
            rows={pages.flatMap(({ rows }) => rows)}
            rowKey={({ id }) => id}
            empty={<EmptyState icon={ClipboardTextIcon} title="Nothing was changed yet" />}
            footer={
              query.hasNextPage && (
                <Button
                  size="small"
                  variant="ghost"
                  disabled={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  Load more
                </Button>
              )
            }
          />
        )}
      </Loaded>
    </>
  );
}
