import { RelativeTime } from '../../ui/relative-time.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { StatusDot } from '../../ui/status-dot.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import type { ServerDetail } from './server-state.tsx';

type Report = ServerDetail['health'][number];

const STATE = {
  connected: { word: 'Connected', tone: 'ok' },
  unreachable: { word: 'Unreachable', tone: 'danger' },
  unused: { word: 'Not used yet', tone: 'neutral' },
} as const satisfies Record<Report['state'], unknown>;

const COLUMNS: readonly Column<Report>[] = [
  { key: 'agent', header: 'Agent', cell: ({ agentName }) => agentName },
  { key: 'site', header: 'Site', hideBelow: 'md', cell: ({ siteSlug }) => siteSlug },
  {
    key: 'state',
    header: 'State',
    // What an agent said before it went away is old news, not a state.
    cell: ({ state, live }) =>
      live ? (
        <StatusDot {...STATE[state]} hollow={state === 'unused'} />
      ) : (
        <StatusDot word="Unknown: the agent is not connected" tone="neutral" hollow />
      ),
  },
  { key: 'at', header: 'Last used', cell: ({ at }) => (at ? <RelativeTime at={at} className="text-subtle" /> : '–') },
  {
    key: 'error',
    header: 'Last error',
    width: 'w-full max-w-0',
    hideBelow: 'md',
    cell: ({ error }) => (
      <span className="block truncate font-mono text-xs text-danger-fg" title={error ?? undefined}>
        <UntrustedText text={error ?? ''} oneLine />
      </span>
    ),
  },
];

/** What each agent says about its connection to the server. */
export function ServerHealth({ server }: { server: ServerDetail }) {
  return (
    <Table
      label="Health per agent"
      columns={COLUMNS}
      rows={server.health}
      rowKey={({ agentId }) => agentId}
      empty={
        <EmptyState title="No agent has reported yet">
          Agents report on a server once a published profile uses it. Nothing is known before that.
        </EmptyState>
      }
    />
  );
}
