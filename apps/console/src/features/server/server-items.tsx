'use client';

import { entryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { useQueryState } from 'nuqs';

import { Badge } from '../../ui/badge.tsx';
import { Inspector } from '../../ui/inspector.tsx';
import { JsonView } from '../../ui/json-view.tsx';
import { FullTime, RelativeTime } from '../../ui/relative-time.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import type { ServerDetail } from './server-state.tsx';
import { VERDICT } from './server-tools.tsx';

type Item = Exclude<ServerDetail['entries'][number], { kind: 'tool' }>;

const WORDS = {
  prompts: { label: 'Prompts', column: 'Prompt', parameter: 'prompt' },
  resources: { label: 'Resources', column: 'Resource', parameter: 'resource' },
  instructions: { label: 'Instructions', column: 'Name', parameter: 'instructions' },
} as const;

const columnsOf = (header: string): readonly Column<Item>[] => [
  {
    key: 'name',
    header,
    width: 'max-w-96',
    cell: ({ name, kind }) => (
      <span className="inline-flex max-w-full items-center gap-2">
        <span className="truncate font-mono" title={name}>
          <UntrustedText text={name} oneLine />
        </span>
        {kind === 'template' && <Badge>Template</Badge>}
      </span>
    ),
  },
  {
    key: 'decision',
    header: 'Decision',
    cell: ({ verdict }) => <Badge tone={VERDICT[verdict].tone}>{VERDICT[verdict].word}</Badge>,
  },
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
    width: 'w-full max-w-0',
    cell: ({ description }) => (
      <span className="block truncate text-muted">
        <UntrustedText text={description ?? ''} oneLine />
      </span>
    ),
  },
];

export interface ServerItemsProps {
  what: keyof typeof WORDS;
  items: readonly Item[];
}

/** Prompts, resources and their templates, or instructions of the newest revision. */
export function ServerItems({ what, items }: ServerItemsProps) {
  const [key, setKey] = useQueryState(WORDS[what].parameter, { history: 'push' });
  const index = items.findIndex((item) => entryKey(item) === key);
  const item = items[index];
  return (
    <>
      <Table
        label={WORDS[what].label}
        columns={columnsOf(WORDS[what].column)}
        rows={items}
        rowKey={entryKey}
        onOpen={(row) => void setKey(entryKey(row))}
        selectedKey={key}
        empty={<EmptyState title={`It offers no ${what}`}>Most servers offer tools only.</EmptyState>}
        footer={`${items.filter(({ verdict }) => verdict === 'approved').length} of ${items.length} approved`}
      />
      <Inspector
        open={item !== undefined}
        title={item?.name ?? ''}
        status={
          item && (
            <span className="mt-1 flex gap-2">
              <Badge tone={VERDICT[item.verdict].tone}>{VERDICT[item.verdict].word}</Badge>
            </span>
          )
        }
        onClose={() => void setKey(null)}
        onMove={(by) => {
          const next = items[index + by];
          if (next) void setKey(entryKey(next), { history: 'replace' });
        }}
      >
        {item && <Detail item={item} />}
      </Inspector>
    </>
  );
}

function Detail({ item }: { item: Item }) {
  return (
    <div className="flex flex-col gap-5">
      <section>
        <h3 className="mb-1 text-xs font-medium text-subtle">Description</h3>
        {item.description ? <UntrustedText text={item.description} /> : <p className="text-muted">None.</p>}
      </section>
      <section>
        <h3 className="mb-2 text-xs font-medium text-subtle">Definition</h3>
        <JsonView value={item.definition} label={`Definition of ${item.name}`} />
      </section>
      <section className="text-xs text-subtle">
        {item.decidedAt && (
          <p>
            Decided <FullTime at={item.decidedAt} />
            {item.validUntil && item.verdict === 'approved' && (
              <>
                , valid until <FullTime at={item.validUntil} />
              </>
            )}
          </p>
        )}
        <p className="mt-1 font-mono break-all">pin {item.pin}</p>
      </section>
    </div>
  );
}
