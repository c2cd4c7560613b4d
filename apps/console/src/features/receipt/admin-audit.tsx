'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { useQueryState } from 'nuqs';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { KeyValue } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Table, type Column } from '../../ui/layout/table.tsx';
import { Inspector } from '../../ui/overlay/inspector.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { CopyText } from '../../ui/text/copy.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { JsonView } from '../../ui/text/json-view.tsx';
import { ClockTime, FullTime } from '../../ui/text/relative-time.tsx';
import { describeAction, describeChange } from './admin-actions.ts';

type Entry = ApiOutput['adminAudit']['list']['rows'][number];

const COLUMNS: readonly Column<Entry>[] = [
  { key: 'at', header: 'Time', width: 'w-28', cell: ({ at }) => <ClockTime at={at} className="font-normal" /> },
  {
    key: 'who',
    header: 'Who',
    share: 'w-3/12',
    cell: ({ actorKind, actorName }) => (actorKind === 'person' ? actorName : `${actorName} (${actorKind})`),
  },
  { key: 'action', header: 'Did', share: 'w-3/12', cell: ({ action }) => describeAction(action) },
  {
    key: 'change',
    header: 'Details',
    hideBelow: 'md',
    share: 'w-6/12',
    cell: ({ before, after }) => <span className="text-muted">{describeChange(before, after)}</span>,
  },
];

/** What administrators did. Written with the change itself and never edited. */
export function AdminAudit() {
  const trpc = useTRPC();
  const [peek, setPeek] = useQueryState('peek', { history: 'push' });
  const log = useInfiniteQuery(
    trpc.adminAudit.list.infiniteQueryOptions(
      { limit: 100 },
      { getNextPageParam: ({ nextCursor }) => nextCursor, refetchInterval: 30_000 },
    ),
  );
  const rows = log.data?.pages.flatMap((page) => page.rows) ?? [];
  const index = rows.findIndex(({ id }) => id === peek);
  const entry = rows[index];
  return (
    <>
      <PageHeader title="Admin log" sub="Who changed what in this workspace?" />
      <Loaded query={log} errorTitle="The admin log could not be loaded">
        {() => (
          <Table
            label="Admin log"
            columns={COLUMNS}
            rows={rows}
            getRowKey={({ id }) => id}
            onOpen={({ id }) => void setPeek(id === peek ? null : id)}
            selectedKey={peek}
            empty={<EmptyState title="Nothing was changed yet" />}
            footer={
              <>
                {describeCount(rows.length, 'entry', 'entries')}
                {log.hasNextPage && ' loaded'}
                {log.hasNextPage && (
                  <Button variant="ghost" size="small" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                    Load more
                  </Button>
                )}
              </>
            }
          />
        )}
      </Loaded>
      <Inspector
        open={entry !== undefined}
        title={entry ? describeAction(entry.action) : ''}
        onClose={() => void setPeek(null)}
        onMove={(by) => {
          const next = rows[index + by];
          if (next) void setPeek(next.id, { history: 'replace' });
        }}
      >
        {entry && <EntryView entry={entry} />}
      </Inspector>
    </>
  );
}

function EntryView({ entry }: { entry: Entry }) {
  return (
    <div className="flex flex-col gap-5">
      <KeyValue
        items={[
          { label: 'Time', value: <FullTime at={entry.at} /> },
          { label: 'Who', value: `${entry.actorName}${entry.actorKind === 'person' ? '' : ` (${entry.actorKind})`}` },
          { label: 'Action', value: <span className="font-mono text-xs">{entry.action}</span> },
          { label: 'Object', value: entry.entityType.replaceAll('_', ' ') },
          { label: 'Id', value: <CopyText text={entry.entityId} label="object id" /> },
        ]}
      />
      {entry.before !== null && (
        <section>
          <h3 className="mb-2 text-xs font-medium text-subtle">Before</h3>
          <JsonView value={entry.before} label="Before" />
        </section>
      )}
      {entry.after !== null && (
        <section>
          <h3 className="mb-2 text-xs font-medium text-subtle">After</h3>
          <JsonView value={entry.after} label="After" />
        </section>
      )}
    </div>
  );
}
