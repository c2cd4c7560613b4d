'use client';

import { useQueryState } from 'nuqs';
import type { ReactNode } from 'react';

import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { ENTRY_GROUPS, type EntryGroup } from '../../ui/entity/entry-group.ts';
import { ToolSchema } from '../../ui/entity/tool-schema.tsx';
import { type EntryState, useEntryFilter } from '../../ui/entity/use-entry-filter.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { useShown } from '../../ui/list/use-shown.tsx';
import { Inspector } from '../../ui/overlay/inspector.tsx';
import { Badge, RiskBadge } from '../../ui/status/badge.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { JsonView } from '../../ui/text/json-view.tsx';
import { DayTime, FullTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import type { ServerDetail } from './server-state.tsx';

type Entry = ServerDetail['entries'][number];
type Tool = Extract<Entry, { kind: 'tool' }>;

interface GroupWords {
  /** of the entry that is looked at, in the URL */
  parameter: string;
  column: string;
  empty: { title: string; text: string };
}

/** Of a server that was looked at: its list is known, and nothing of it was taken. */
const NO_TOOLS: GroupWords['empty'] = {
  title: 'It offers no tools',
  text: 'An agent has read its list, and nothing on it can be used. Look again once the server has some.',
};
const ONLY_TOOLS = 'Most servers offer tools only.';
const WORDS: Record<EntryGroup, GroupWords> = {
  tools: {
    parameter: 'tool',
    column: 'Tool',
    empty: {
      title: 'No tools found yet',
      text: 'An agent has not listed the tools of this server so far. Look again, and see what it reports.',
    },
  },
  prompts: {
    parameter: 'prompt',
    column: 'Prompt',
    empty: { title: 'It offers no prompts', text: ONLY_TOOLS },
  },
  resources: {
    parameter: 'resource',
    column: 'Resource',
    empty: { title: 'It offers no resources', text: ONLY_TOOLS },
  },
  instructions: {
    parameter: 'instructions',
    column: 'Name',
    empty: { title: 'It offers no instructions', text: ONLY_TOOLS },
  },
};

/** What was decided, in a word. */
const VERDICT = {
  approved: { tone: 'neutral', word: 'Approved' },
  rejected: { tone: 'danger', word: 'Rejected' },
  pending: { tone: 'warn', word: 'Waits for review' },
} as const;

const STATES: readonly EntryState<Entry>[] = (['approved', 'pending', 'rejected'] as const).map((value) => ({
  value,
  label: VERDICT[value].word,
  holds: ({ verdict }) => verdict === value,
}));

/** Sites may have different texts of one entry. */
function getRowKey(entry: Entry): string {
  const key = entry.kind === 'tool' ? entry.name : toEntryKey(entry);
  return entry.onlyAt[0] === undefined ? key : `${key} ${entry.onlyAt[0]}`;
}

interface ServerEntriesProps {
  group: EntryGroup;
  entries: readonly Entry[];
  /** an agent has read the lists of the server at least once */
  wasRead: boolean;
}

/** One group of what the server offers, and the one that is looked at. */
export function ServerEntries({ group, entries, wasRead }: ServerEntriesProps) {
  const { parameter, column, ...words } = WORDS[group];
  const empty = group === 'tools' && wasRead ? NO_TOOLS : words.empty;
  const [key, setKey] = useQueryState(parameter, { history: 'push' });
  const { found, isNarrowed, fields, clear } = useEntryFilter({
    group,
    entries,
    getText: ({ name, description }) => `${name} ${description ?? ''}`,
    getRisk: ({ risk }) => risk,
    stateLabel: ['Decision', 'Any decision'],
    states: STATES,
  });
  const { shown, more } = useShown(found);
  const entry = entries.find((one) => getRowKey(one) === key);
  function move(by: -1 | 1): void {
    const next = found[found.findIndex((one) => getRowKey(one) === key) + by];
    if (next) void setKey(getRowKey(next), { history: 'replace' });
  }
  return (
    <>
      {fields && <div className="mb-3">{fields}</div>}
      <Table
        label={ENTRY_GROUPS[group].title}
        columns={getColumns(group, column)}
        rows={shown}
        getRowKey={getRowKey}
        onOpen={(row) => void setKey(getRowKey(row))}
        selectedKey={key}
        empty={
          isNarrowed ? (
            <EmptyState title="Nothing matches" action={<Button onClick={clear}>Clear the filter</Button>} />
          ) : (
            <EmptyState title={empty.title}>{empty.text}</EmptyState>
          )
        }
        footer={
          <Footer entries={entries} found={isNarrowed ? found.length : null}>
            {more}
          </Footer>
        }
      />
      <Inspector
        open={entry !== undefined}
        title={entry?.name ?? ''}
        status={
          entry && (
            <span className="mt-1 flex gap-2">
              <Risk entry={entry} />
              <Verdict {...entry} />
            </span>
          )
        }
        onClose={() => void setKey(null)}
        onMove={move}
      >
        {entry && <Detail entry={entry} />}
      </Inspector>
    </>
  );
}

/** `found`: how many fit; null: nothing is looked for. */
function Footer({ entries, found, children }: { entries: readonly Entry[]; found: number | null; children: ReactNode }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3">
      {found !== null && <span>{found.toLocaleString('en')} found</span>}
      <span>
        {entries.filter(({ verdict }) => verdict === 'approved').length} of {entries.length} approved
      </span>
      {children}
    </span>
  );
}

function getColumns(group: EntryGroup, header: string): Column<Entry>[] {
  const risk: Column<Entry> = { key: 'risk', header: 'Risk', cell: (entry) => <Risk entry={entry} /> };
  return [
    { key: 'name', header, share: 'w-2/5', cell: (entry) => <Name {...entry} /> },
    ...(group === 'tools' ? [risk] : []),
    { key: 'decision', header: 'Decision', cell: (entry) => <Verdict {...entry} /> },
    {
      key: 'until',
      header: 'Expires',
      hideBelow: 'md',
      cell: ({ validUntil, verdict }) =>
        validUntil && verdict === 'approved' ? (
          <RelativeTime at={validUntil} className="text-subtle" />
        ) : (
          <span className="text-subtle">–</span>
        ),
    },
    {
      key: 'description',
      header: 'Description',
      hideBelow: 'lg',
      share: 'w-3/5',
      cell: ({ description }) => (
        <span className="text-muted">
          <UntrustedText text={description ?? ''} oneLine />
        </span>
      ),
    },
  ];
}

function Name({ kind, name, onlyAt }: Entry) {
  return (
    // Whole: the names of a group often differ only at their ends.
    <span className="flex flex-wrap items-center gap-x-2 whitespace-normal">
      <span className="min-w-0 font-mono">
        <UntrustedText text={name} isName />
      </span>
      {kind === 'template' && <Badge>Template</Badge>}
      {onlyAt.length > 0 && <span className="text-xs font-normal text-subtle">only at {onlyAt.join(', ')}</span>}
    </span>
  );
}

function Risk({ entry }: { entry: Entry }) {
  return entry.risk && <RiskBadge risk={entry.risk} assumed={entry.riskAssumed} />;
}

function Verdict({ verdict }: Pick<Entry, 'verdict'>) {
  return <Badge tone={VERDICT[verdict].tone}>{VERDICT[verdict].word}</Badge>;
}

function Detail({ entry }: { entry: Entry }) {
  const { kind, description, decidedAt, validUntil, verdict, pin } = entry;
  return (
    <div className="flex flex-col gap-5">
      <Part title={kind === 'tool' ? 'Description, as a model reads it' : 'Description'} className="mb-1">
        {description ? <UntrustedText text={description} /> : <p className="text-muted">None.</p>}
      </Part>
      {kind === 'tool' ? (
        <ToolParts {...entry} />
      ) : (
        <Part title="Definition">
          <JsonView value={entry.definition} label={`Definition of ${entry.name}`} />
        </Part>
      )}
      <section className="text-xs text-subtle">
        {decidedAt && (
          <p>
            Decided <FullTime at={decidedAt} />
            {validUntil && verdict === 'approved' && (
              <>
                , valid until <DayTime at={validUntil} />
              </>
            )}
          </p>
        )}
        <p className="mt-1 font-mono break-all">pin {pin}</p>
      </section>
    </div>
  );
}

function ToolParts({ name, definition: { inputSchema, outputSchema } }: Tool) {
  return (
    <>
      <Part title="Arguments">
        <ToolSchema schema={inputSchema} label={`Arguments of ${name}`} />
      </Part>
      {outputSchema && (
        <Part title="Result">
          <ToolSchema schema={outputSchema} label={`Result of ${name}`} />
        </Part>
      )}
    </>
  );
}

function Part({ title, className = 'mb-2', children }: { title: string; className?: string; children: ReactNode }) {
  return (
    <section>
      <h3 className={cn('text-xs font-medium text-subtle', className)}>{title}</h3>
      {children}
    </section>
  );
}
