'use client';

import { useQueryState } from 'nuqs';

import { Badge, RiskBadge } from '../../ui/badge.tsx';
import { Inspector } from '../../ui/inspector.tsx';
import { FullTime, RelativeTime } from '../../ui/relative-time.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { ToolSchema } from '../../ui/tool-schema.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import type { ServerDetail } from './server-state.tsx';

type Tool = Extract<ServerDetail['entries'][number], { kind: 'tool' }>;

/** What was decided, in a word. */
export const VERDICT = {
  approved: { tone: 'neutral', word: 'Approved' },
  rejected: { tone: 'danger', word: 'Rejected' },
  pending: { tone: 'warn', word: 'Waits for review' },
} as const;

const COLUMNS: readonly Column<Tool>[] = [
  {
    key: 'name',
    header: 'Tool',
    width: 'min-w-40',
    cell: ({ name }) => (
      <span className="font-mono">
        <UntrustedText text={name} oneLine />
      </span>
    ),
  },
  { key: 'risk', header: 'Risk', cell: ({ risk, riskAssumed }) => <RiskBadge risk={risk} assumed={riskAssumed} /> },
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

/** Tools of the newest revision. */
export function ServerTools({ server }: { server: ServerDetail }) {
  const [name, setName] = useQueryState('tool', { history: 'push' });
  const tools = server.entries.filter((entry) => entry.kind === 'tool');
  const index = tools.findIndex((tool) => tool.name === name);
  const tool = tools[index];
  function move(by: -1 | 1): void {
    const next = tools[index + by];
    if (next) void setName(next.name, { history: 'replace' });
  }
  return (
    <>
      <Table
        label="Tools"
        columns={COLUMNS}
        rows={tools}
        rowKey={(row) => row.name}
        onOpen={(row) => void setName(row.name)}
        selectedKey={name}
        empty={
          <EmptyState title="No tools found yet">
            An agent has not listed the tools of this server so far. Look again, and see what it reports.
          </EmptyState>
        }
        footer={`${server.approvedCount} of ${tools.length} approved`}
      />
      <Inspector
        open={tool !== undefined}
        title={tool?.name ?? ''}
        status={
          tool && (
            <span className="mt-1 flex gap-2">
              <RiskBadge risk={tool.risk} assumed={tool.riskAssumed} />
              <Badge tone={VERDICT[tool.verdict].tone}>{VERDICT[tool.verdict].word}</Badge>
            </span>
          )
        }
        onClose={() => void setName(null)}
        onMove={move}
      >
        {tool && <ToolDetail tool={tool} />}
      </Inspector>
    </>
  );
}

function ToolDetail({ tool }: { tool: Tool }) {
  return (
    <div className="flex flex-col gap-5">
      <section>
        <h3 className="mb-1 text-xs font-medium text-subtle">Description, as a model reads it</h3>
        {tool.description ? <UntrustedText text={tool.description} /> : <p className="text-muted">None.</p>}
      </section>
      <section>
        <h3 className="mb-2 text-xs font-medium text-subtle">Arguments</h3>
        <ToolSchema schema={tool.definition.inputSchema} label={`Arguments of ${tool.name}`} />
      </section>
      {tool.definition.outputSchema && (
        <section>
          <h3 className="mb-2 text-xs font-medium text-subtle">Result</h3>
          <ToolSchema schema={tool.definition.outputSchema} label={`Result of ${tool.name}`} />
        </section>
      )}
      <section className="text-xs text-subtle">
        {tool.decidedAt && (
          <p>
            Decided <FullTime at={tool.decidedAt} />
            {tool.validUntil && tool.verdict === 'approved' && (
              <>
                , valid until <FullTime at={tool.validUntil} />
              </>
            )}
          </p>
        )}
        <p className="mt-1 font-mono break-all">pin {tool.pin}</p>
      </section>
    </div>
  );
}
