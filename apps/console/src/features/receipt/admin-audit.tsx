'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useQueryState } from 'nuqs';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';
import { KeyValue } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useListState } from '../../ui/list/use-list-state.ts';
import { Inspector } from '../../ui/overlay/inspector.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { CopyButton, CopyText } from '../../ui/text/copy.tsx';
import { JsonView } from '../../ui/text/json-view.tsx';
import { ClockTime, FullTime } from '../../ui/text/relative-time.tsx';
import { useTimeZone } from '../../ui/text/time-zone.tsx';
import { UTC } from '../../ui/text/zone.ts';
import { describeAction, describeChange, describeObjectType } from './admin-actions.ts';
import { ExportAdminAudit } from './export-admin-audit.tsx';
import { type AdminAuditFilters, useAdminAuditFilters } from './use-admin-audit-filters.ts';

type Entry = ApiOutput['adminAudit']['list']['rows'][number];
type Name = NonNullable<Entry['object']>;

const describeActor = ({ actorKind, actorName }: Entry): string =>
  actorKind === 'person' ? actorName : `${actorName} (${actorKind})`;

const COLUMNS: readonly Column<Entry>[] = [
  {
    key: 'at',
    header: 'Time',
    zoned: true,
    width: 'w-32',
    sort: { by: 'time', first: 'desc' },
    cell: ({ at }) => <ClockTime at={at} className="font-normal" />,
  },
  { key: 'who', header: 'Who', share: 'w-2/12', hideBelow: 'md', cell: describeActor },
  {
    key: 'action',
    header: 'Did',
    share: 'w-3/12',
    cell: (entry) => (
      <>
        {describeAction(entry.action)}
        <NarrowLine entry={entry} />
      </>
    ),
  },
  { key: 'object', header: 'To what', share: 'w-3/12', hideBelow: 'md', cell: (entry) => <ObjectName entry={entry} /> },
  {
    key: 'change',
    header: 'Details',
    hideBelow: 'md',
    share: 'w-4/12',
    cell: (entry) => <Change entry={entry} />,
  },
];

/** On a phone who and to what stand below the act: four columns of words would break inside of them. */
function NarrowLine({ entry }: { entry: Entry }) {
  const { object, entityType } = entry;
  return (
    <span className="block text-xs text-subtle @min-[30rem]:hidden">
      {describeActor(entry)} · {object?.name ?? describeObjectType(entityType)}
    </span>
  );
}

/** What was changed, in words. */
function Change({ entry: { before, after, named } }: { entry: Entry }) {
  const zone = useTimeZone();
  const words = describeChange(before, after, named, zone ?? UTC);
  return (
    <span className="text-muted" title={words}>
      {words}
    </span>
  );
}

/** Where the page of a thing is; null where it has none. */
function findPage({ kind, ref }: Name): string | null {
  if (ref === null) return null;
  switch (kind) {
    case 'server':
      return `/servers/${ref}`;
    case 'profile':
      return `/profiles/${ref}`;
    case 'site':
      return `/sites/${ref}`;
    case 'agent':
      return `/agents/${ref}`;
    case 'group':
      return `/groups/${ref}`;
    case 'review':
      return `/reviews/${ref}`;
    case 'person':
      return `/members?q=${encodeURIComponent(ref)}`;
    case 'join_token':
      return `/agents/new?enrolment=${ref}`;
    case 'client_key':
    case 'invitation':
    case 'workspace':
      return null;
  }
}

/** The thing by its name, as a link where it has a page; its kind where nothing is known of it any more. */
function ObjectName({ entry: { object, entityType } }: { entry: Entry }) {
  const path = usePath();
  if (object === null) return <span className="text-subtle">{describeObjectType(entityType)}</span>;
  const page = findPage(object);
  return (
    <span title={`${describeObjectType(entityType)} ${object.name}`}>
      {page === null ? (
        object.name
      ) : (
        <Link href={path(page)} className="hover:underline">
          {object.name}
        </Link>
      )}
    </span>
  );
}

/** Says what a search leaves out: the log is longer than what is searched of it while somebody waits. */
function SearchedDetails({ from }: { from: Date | null }) {
  if (from === null) return null;
  return (
    <p data-beside className="mb-3 text-muted">
      Details are searched in the newest entries, those since <FullTime at={from} />. What was done, names and ids are found
      however old they are, and an export searches the details of all entries.
    </p>
  );
}

/** What administrators did. Written with the change itself and never edited. */
export function AdminAudit() {
  const trpc = useTRPC();
  const [peek, setPeek] = useQueryState('peek', { history: 'push' });
  const state = useListState(['time']);
  const narrowed = useAdminAuditFilters();
  const log = useInfiniteQuery(
    trpc.adminAudit.list.infiniteQueryOptions(
      { ...state.asked, ...narrowed.asked, limit: 100 },
      { ...LIST_PAGES, refetchInterval: 30_000 },
    ),
  );
  const rows = log.data?.pages.flatMap((page) => page.rows) ?? [];
  const index = rows.findIndex(({ id }) => id === peek);
  const entry = rows[index];
  return (
    <>
      <PageHeader
        title="Admin log"
        sub="Who changed what in this workspace?"
        actions={
          <>
            {narrowed.isTimed && (
              <CopyButton
                label="Copy link with fixed time"
                text=""
                getText={() => narrowed.buildFixedLink(window.location.href, Date.now())}
              />
            )}
            <ExportAdminAudit asked={{ search: state.search, ...narrowed.asked }} />
          </>
        }
      />
      <SearchedDetails from={log.data?.pages[0]?.detailsFrom ?? null} />
      <ListTable
        label="Admin log"
        noun={['entry', 'entries']}
        query={log}
        state={state}
        filters={narrowed.filters}
        errorTitle="The admin log could not be loaded"
        columns={COLUMNS}
        getRowKey={({ id }) => id}
        onOpen={({ id }) => void setPeek(id === peek ? null : id)}
        selectedKey={peek}
        empty={<EmptyState title="Nothing was changed yet" />}
      />
      <Inspector
        open={entry !== undefined}
        title={entry ? describeAction(entry.action) : ''}
        onClose={() => void setPeek(null)}
        onMove={(by) => {
          const next = rows[index + by];
          if (next) void setPeek(next.id, { history: 'replace' });
        }}
      >
        {entry && <EntryView entry={entry} onNarrow={narrowed.set} />}
      </Inspector>
    </>
  );
}

function EntryView({ entry, onNarrow }: { entry: Entry; onNarrow: AdminAuditFilters['set'] }) {
  const zone = useTimeZone();
  const change = describeChange(entry.before, entry.after, entry.named, zone ?? UTC);
  return (
    <div className="flex flex-col gap-5">
      <KeyValue
        items={[
          { label: 'Time', value: <FullTime at={entry.at} /> },
          { label: 'Who', value: describeActor(entry) },
          { label: describeObjectType(entry.entityType), value: <ObjectName entry={entry} /> },
          { label: 'Details', value: change },
          { label: 'Action', value: <span className="font-mono text-xs">{entry.action}</span> },
          { label: 'Id', value: <CopyText text={entry.entityId} label="object id" /> },
        ]}
      />
      <div className="flex flex-wrap gap-2">
        <Button size="small" onClick={() => onNarrow({ who: entry.actorId })}>
          Only by {entry.actorName}
        </Button>
        <Button size="small" onClick={() => onNarrow({ about: entry.entityId })}>
          Only about this
        </Button>
      </div>
      <Recorded label="Before" value={entry.before} />
      <Recorded label="After" value={entry.after} />
    </div>
  );
}

function Recorded({ label, value }: { label: string; value: unknown }) {
  if (value === null) return null;
  return (
    <section>
      <h3 className="mb-2 text-xs font-medium text-subtle">{label}</h3>
      <JsonView value={value} label={label} />
    </section>
  );
}
