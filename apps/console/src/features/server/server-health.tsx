'use client';

import { type HealthReport, describeOpenCount } from '../../ui/entity/health-words.ts';
import { HealthDot, LastErrors } from '../../ui/entity/server-health.tsx';
import { Table, type Column } from '../../ui/layout/table.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import type { ServerDetail } from './server-state.tsx';

/** Why nothing is known of the server there stands with the agent's name. */
function AgentName({ report: { agentName, live } }: { report: HealthReport }) {
  return (
    <span title={agentName}>
      {agentName}
      {!live && <span className="block text-xs font-normal text-subtle">not connected</span>}
    </span>
  );
}

const getColumns = (kind: ServerDetail['kind']): readonly Column<HealthReport>[] => [
  { key: 'agent', header: 'Agent', share: 'w-1/2', cell: (report) => <AgentName report={report} /> },
  { key: 'site', header: 'Site', hideBelow: 'lg', share: 'w-1/4', cell: ({ siteName }) => siteName },
  { key: 'state', header: 'State', cell: (report) => <HealthDot report={report} /> },
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
export function ServerHealth({
  kind,
  reports,
  total,
}: Pick<ServerDetail, 'kind'> & Pick<ServerDetail['health'], 'reports' | 'total'>) {
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
        footer={total > reports.length ? `And ${describeCount(total - reports.length, 'more agent')}` : undefined}
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
          <div className="rounded-card border border-line bg-surface">
            <LastErrors
              errors={failing.map(({ agentId, agentName, live, error }) => ({
                id: agentId,
                name: live ? agentName : `${agentName}, said before it went away`,
                message: error ?? '',
              }))}
            />
          </div>
        </section>
      )}
    </div>
  );
}
