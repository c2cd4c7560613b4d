'use client';

import { ProhibitIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useQueryState } from 'nuqs';

import { useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { Inspector } from '../../ui/overlay/inspector.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { ClockTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { ReachCard } from './reach-card.tsx';
import { describeTaker, RevocationView } from './revocation-view.tsx';
import { countHolders, describeAct, describeSubject, type Entry, type Holder } from './revocation-words.ts';

const getColumns = (agents: readonly Holder[]): readonly Column<Entry>[] => [
  { key: 'at', header: 'Signed', width: 'w-28', cell: ({ at }) => <ClockTime at={at} className="font-normal" /> },
  { key: 'subject', header: 'What', share: 'w-6/12', cell: (entry) => <Subject entry={entry} /> },
  { key: 'act', header: 'Effect', share: 'w-3/12', hideBelow: 'lg', cell: describeAct },
  { key: 'by', header: 'By', share: 'w-3/12', hideBelow: 'md', cell: describeTaker },
  { key: 'agents', header: 'Agents', align: 'end', cell: ({ seq }) => <HolderCount agents={agents} seq={seq} /> },
];

/** In a narrow table with its effect, without which "off" and "on again" read the same. */
function Subject({ entry }: { entry: Entry }) {
  const subject = describeSubject(entry);
  return (
    <span title={subject}>
      {subject}
      <span className="block text-xs font-normal text-subtle @min-[46rem]:hidden">{describeAct(entry)}</span>
    </span>
  );
}

function HolderCount({ agents, seq }: { agents: readonly Holder[]; seq: number }) {
  const { having, of } = countHolders(agents, seq);
  if (of === 0) return <span className="text-subtle">–</span>;
  return <span className={having < of ? 'text-warn-fg' : undefined}>{`${having} of ${of}`}</span>;
}

/** The revocation log: what was taken back, and whether every agent knows. */
export function RevocationPage() {
  const trpc = useTRPC();
  const reach = useQuery(trpc.revocation.reach.queryOptions());
  return (
    <>
      <PageHeader
        title="Revocations"
        sub="What was taken back, and does every agent know?"
        status={
          reach.data?.asOf && (
            <span className="text-subtle">
              complete as of <RelativeTime at={reach.data.asOf} />
            </span>
          )
        }
      />
      <Loaded query={reach} errorTitle="What the agents have could not be loaded">
        {(data) => (
          <div className="flex flex-col gap-5">
            <ReachCard reach={data} />
            <EntryList agents={data.agents} />
          </div>
        )}
      </Loaded>
    </>
  );
}

function EntryList({ agents }: { agents: readonly Holder[] }) {
  const trpc = useTRPC();
  const [peek, setPeek] = useQueryState('peek', { history: 'push' });
  const log = useInfiniteQuery(
    trpc.revocation.list.infiniteQueryOptions({ limit: 100 }, { getNextPageParam: ({ nextCursor }) => nextCursor }),
  );
  const rows = log.data?.pages.flatMap((page) => page.rows) ?? [];
  const index = rows.findIndex(({ seq }) => String(seq) === peek);
  const entry = rows[index];
  return (
    <>
      <Loaded query={log} errorTitle="The revocation log could not be loaded">
        {() => (
          <Table
            label="Revocations"
            columns={getColumns(agents)}
            rows={rows}
            getRowKey={({ seq }) => String(seq)}
            onOpen={({ seq }) => void setPeek(String(seq) === peek ? null : String(seq))}
            selectedKey={peek}
            empty={NOTHING}
            footer={
              <>
                {describeCount(rows.length, 'entry', 'entries')}
                {log.hasNextPage && (
                  <>
                    {' loaded'}
                    <Button
                      variant="ghost"
                      size="small"
                      loading={log.isFetchingNextPage}
                      onClick={() => void log.fetchNextPage()}
                    >
                      Load more
                    </Button>
                  </>
                )}
              </>
            }
          />
        )}
      </Loaded>
      <Inspector
        open={entry !== undefined}
        title={entry ? describeSubject(entry) : ''}
        onClose={() => void setPeek(null)}
        onMove={(by) => {
          const next = rows[index + by];
          if (next) void setPeek(String(next.seq), { history: 'replace' });
        }}
      >
        {entry && <RevocationView entry={entry} agents={agents} />}
      </Inspector>
    </>
  );
}

const NOTHING = (
  <EmptyState icon={ProhibitIcon} title="Nothing was revoked yet">
    What you revoke or switch off stands here, signed, and holds at every agent whatever becomes of its configuration.
  </EmptyState>
);
