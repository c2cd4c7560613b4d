'use client';

import { ProhibitIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState, useQueryStates } from 'nuqs';

import { useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { buildFilter } from '../../ui/list/filter-select.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useListState } from '../../ui/list/use-list-state.ts';
import { Inspector } from '../../ui/overlay/inspector.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { ClockTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { ReachCard } from './reach-card.tsx';
import { describeTaker, RevocationView } from './revocation-view.tsx';
import { describeAct, describeSubject, type Entry, type Reach } from './revocation-words.ts';

const getColumns = (keeping: number): readonly Column<Entry>[] => [
  {
    key: 'at',
    header: 'Signed',
    zoned: true,
    width: 'w-36',
    sort: { by: 'signed', first: 'desc' },
    cell: ({ at }) => <ClockTime at={at} className="font-normal" />,
  },
  { key: 'subject', header: 'What', share: 'w-6/12', cell: (entry) => <Subject entry={entry} /> },
  { key: 'act', header: 'Effect', share: 'w-3/12', hideBelow: 'lg', cell: describeAct },
  { key: 'by', header: 'By', share: 'w-3/12', hideBelow: 'md', cell: describeTaker },
  { key: 'agents', header: 'Agents', align: 'end', cell: ({ having }) => <HolderCount having={having} of={keeping} /> },
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

/** How many of the agents that keep a log have it up to an entry. */
function HolderCount({ having, of }: { having: number; of: number }) {
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
            <EntryList reach={data} />
          </div>
        )}
      </Loaded>
    </>
  );
}

const FILTERS = {
  what: parseAsStringLiteral(['key', 'session', 'person', 'agent', 'server', 'tool', 'profile', 'tenant', 'signing_key']),
  act: parseAsStringLiteral(['end', 'before', 'stop', 'lift']),
};

const SUBJECTS = [
  { value: 'key', label: 'Client keys' },
  { value: 'session', label: 'Sessions' },
  { value: 'person', label: 'People' },
  { value: 'agent', label: 'Agents' },
  { value: 'server', label: 'Servers' },
  { value: 'tool', label: 'Tools' },
  { value: 'profile', label: 'Profiles' },
  { value: 'tenant', label: 'Workspace' },
  { value: 'signing_key', label: 'Signing keys' },
] as const;

const ACTS = [
  { value: 'end', label: 'Ended for good' },
  { value: 'before', label: 'All before then' },
  { value: 'stop', label: 'Disabled' },
  { value: 'lift', label: 'Enabled again' },
] as const;

/** What the log is narrowed to, by its address. */
function useRevocationFilters() {
  const [{ what, act }, set] = useQueryStates(FILTERS, { history: 'push' });
  return {
    asked: { subjectKind: what ?? undefined, act: act ?? undefined },
    filters: [
      buildFilter({
        label: 'What',
        any: 'Anything',
        options: SUBJECTS,
        value: what,
        onChange: (next) => void set({ what: next }),
      }),
      buildFilter({ label: 'Effect', any: 'Any effect', options: ACTS, value: act, onChange: (next) => void set({ act: next }) }),
    ],
  };
}

function EntryList({ reach }: { reach: Reach }) {
  const trpc = useTRPC();
  const [peek, setPeek] = useQueryState('peek', { history: 'push' });
  const state = useListState(['signed']);
  const { asked, filters } = useRevocationFilters();
  const log = useInfiniteQuery(trpc.revocation.list.infiniteQueryOptions({ ...state.asked, ...asked }, LIST_PAGES));
  const rows = log.data?.pages.flatMap((page) => page.rows) ?? [];
  const index = rows.findIndex(({ seq }) => String(seq) === peek);
  const entry = rows[index];
  return (
    <>
      <ListTable
        label="Revocations"
        noun={['entry', 'entries']}
        query={log}
        state={state}
        filters={filters}
        errorTitle="The revocation log could not be loaded"
        columns={getColumns(reach.keeping)}
        getRowKey={({ seq }) => String(seq)}
        onOpen={({ seq }) => void setPeek(String(seq) === peek ? null : String(seq))}
        selectedKey={peek}
        empty={NOTHING}
      />
      <Inspector
        open={entry !== undefined}
        title={entry ? describeSubject(entry) : ''}
        onClose={() => void setPeek(null)}
        onMove={(by) => {
          const next = rows[index + by];
          if (next) void setPeek(String(next.seq), { history: 'replace' });
        }}
      >
        {entry && <RevocationView entry={entry} reach={reach} />}
      </Inspector>
    </>
  );
}

const NOTHING = (
  <EmptyState icon={ProhibitIcon} title="Nothing was revoked yet">
    What you revoke or switch off stands here, signed, and holds at every agent whatever becomes of its configuration.
  </EmptyState>
);
