'use client';

import { Table, type Column } from '../../ui/layout/table.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { StatusDot } from '../../ui/status/status-dot.tsx';
import { ClockTime, RelativeTime, useNow } from '../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { type HealthReport, getHealthWords, describeOpenCount } from './health-words.ts';
import type { ServerDetail } from './server-state.tsx';

function State({ report }: { report: HealthReport }) {
  const now = useNow();
  const { word, tone, hollow, retryAt } = getHealthWords(report, now ?? 0);
  return (
    <span className="inline-flex items-center gap-1">
      <StatusDot word={word} tone={tone} hollow={hollow} />
      {retryAt && <ClockTime at={retryAt} />}
    </span>
  );
}

const getColumns = (kind: ServerDetail['kind']): readonly Column<HealthReport>[] => [
  { key: 'agent', header: 'Agent', share: 'w-1/2', cell: ({ agentName }) => agentName },
  { key: 'site', header: 'Site', hideBelow: 'lg', share: 'w-1/4', cell: ({ siteSlug }) => siteSlug },
  { key: 'state', header: 'State', cell: (report) => <State report={report} /> },
  {
    key: 'open',
    header: kind === 'stdio' ? 'Processes' : 'Connections',
    hideBelow: 'md',
    cell: ({ live, connections }) => (live ? describeOpenCount(kind, connections) : '–'),
  },
  ...(kind === 'rest'
    ? []
    : [
        {
          key: 'protocol',
          header: 'Protocol',
          hideBelow: 'md' as const,
          cell: ({ protocolVersion }: HealthReport) =>
            protocolVersion === null ? (
              '–'
            ) : (
              <span className="font-mono text-xs">
                <UntrustedText text={protocolVersion} oneLine />
              </span>
            ),
        },
      ]),
  { key: 'at', header: 'Last used', cell: ({ at }) => (at ? <RelativeTime at={at} className="text-subtle" /> : '–') },
];

/** What each agent says about its connection to the server. */
export function ServerHealth({ kind, reports }: { kind: ServerDetail['kind']; reports: readonly HealthReport[] }) {
  // why a server is withheld stands above the tabs, with what to do
  const failing = reports.filter(({ error, state }) => error !== null && state !== 'withheld');
  return (
    <div className="flex flex-col gap-4">
      <Table
        label="Health per agent"
        columns={getColumns(kind)}
        rows={reports}
        getRowKey={({ agentId }) => agentId}
        density="comfortable"
        empty={
          <EmptyState title="No agent has reported yet">
            Agents report on a server once a published profile uses it. Nothing is known before that.
          </EmptyState>
        }
      />
      {failing.length > 0 && (
        <section aria-labelledby="errors-title">
          <h2 id="errors-title" className="mb-2 text-sm font-semibold">
            Last errors
          </h2>
          <ul className="divide-y divide-line rounded-card border border-line bg-surface">
            {failing.map((report) => (
              <li key={report.agentId} className="px-4 py-2.5">
                <p className="text-xs text-subtle">
                  {report.agentName}
                  {!report.live && ', said before it went away'}
                </p>
                <p className="font-mono text-xs break-words text-danger-fg">
                  <UntrustedText text={report.error ?? ''} />
                </p>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
