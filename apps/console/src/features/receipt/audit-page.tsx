'use client';

import { ListMagnifyingGlassIcon } from '@phosphor-icons/react/ssr';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { OutcomeChip } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ClockTime } from '../../ui/relative-time.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { isFiltered, useAuditFilters, useListInput } from './audit-filters.ts';
import { AuditToolbar } from './audit-toolbar.tsx';
import { reasonSentence } from './reasons.ts';
import { ReceiptInspector } from './receipt-inspector.tsx';

export type ReceiptRow = ApiOutput['receipt']['list']['rows'][number];

const clipped = (text: string | null, width: string) => (
  <span className={`block truncate font-mono text-xs ${width}`} title={text ?? undefined}>
    {text ?? '–'}
  </span>
);

const COLUMNS: readonly Column<ReceiptRow>[] = [
  {
    key: 'time',
    header: 'Time',
    width: 'w-28',
    cell: ({ receivedAt }) => <ClockTime at={receivedAt} className="tabular-nums" />,
  },
  {
    key: 'who',
    header: 'Who',
    cell: ({ person, client }) => (
      <span className="flex items-baseline gap-2" title={person?.email ?? undefined}>
        <span className="max-w-44 truncate">{person?.name ?? 'Nobody known'}</span>
        {client !== null && <span className="max-w-36 truncate text-xs text-subtle max-xl:hidden">{client}</span>}
      </span>
    ),
  },
  { key: 'tool', header: 'Tool', cell: ({ advertisedName }) => clipped(advertisedName ?? 'unknown tool', 'max-w-44') },
  {
    key: 'arguments',
    header: 'Arguments',
    hideBelow: 'md',
    cell: ({ argumentsSummary }) => clipped(argumentsSummary, 'max-w-72'),
  },
  { key: 'outcome', header: 'Outcome', cell: ({ outcome }) => <OutcomeChip outcome={outcome} /> },
  {
    key: 'result',
    header: 'Result',
    hideBelow: 'lg',
    cell: ({ outcome, reasonCode, resultSummary }) =>
      outcome === 'allowed' && reasonCode === 'ok' ? (
        clipped(resultSummary, 'max-w-72')
      ) : (
        <span className="block max-w-72 truncate text-muted">{reasonSentence(reasonCode)}</span>
      ),
  },
  {
    key: 'ms',
    header: 'ms',
    align: 'end',
    hideBelow: 'md',
    cell: ({ durationMs }) => (
      <span className="text-muted tabular-nums">{durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)}</span>
    ),
  },
];

/** Every call: who, which tool, which argument, what came back. Newest first, live. */
export function AuditPage() {
  const trpc = useTRPC();
  const [filters, setFilters] = useAuditFilters();
  const input = useListInput(filters);
  const query = useInfiniteQuery(
    trpc.receipt.list.infiniteQueryOptions(input, {
      getNextPageParam: ({ nextCursor }) => nextCursor,
      placeholderData: keepPreviousData,
    }),
  );
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const open = (id: string | null) => void setFilters({ peek: id }, { history: 'replace' });

  function move(by: -1 | 1): void {
    const index = rows.findIndex(({ id }) => id === filters.peek);
    const next = rows[index + by];
    if (next) open(next.id);
  }

  return (
    <>
      <PageHeader title="Audit" sub="What happened: who called which tool, with what, and what came back?" />
      <AuditToolbar filters={filters} setFilters={setFilters} />
      <Loaded query={query} errorTitle="The calls could not be loaded">
        {({ pages }) => (
          <Table
            label="Calls"
            columns={COLUMNS}
            rows={rows}
            rowKey={({ id }) => id}
            onOpen={({ id }) => open(id)}
            selectedKey={filters.peek}
            empty={
              isFiltered(filters) ? (
                <EmptyState
                  icon={ListMagnifyingGlassIcon}
                  title="No calls match"
                  action={
                    <Button
                      onClick={() =>
                        void setFilters({ tool: null, person: null, profile: null, outcome: null, from: null, to: null })
                      }
                    >
                      Clear filters
                    </Button>
                  }
                >
                  Choose other filters or a longer time.
                </EmptyState>
              ) : (
                <EmptyState
                  icon={ListMagnifyingGlassIcon}
                  title="No calls in this time"
                  action={
                    filters.range !== 'all' && <Button onClick={() => void setFilters({ range: 'all' })}>Show all time</Button>
                  }
                >
                  Every call through a profile leaves a receipt here, also a denied or failed one.
                </EmptyState>
              )
            }
            footer={
              <>
                <span className="tabular-nums">
                  {rows.length.toLocaleString('en')} of {(pages[0]?.total ?? 0).toLocaleString('en')}
                </span>
                {query.hasNextPage && (
                  <Button
                    size="small"
                    variant="ghost"
                    disabled={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                  >
                    {query.isFetchingNextPage ? 'Loading…' : 'Load more'}
                  </Button>
                )}
              </>
            }
          />
        )}
      </Loaded>
      <ReceiptInspector id={filters.peek} onClose={() => open(null)} onMove={move} />
    </>
  );
}
