import { usePath } from '../../trpc/use-path.ts';
import { AgentStatus } from '../../ui/entity/agent-status.tsx';
import { Banner } from '../../ui/layout/card.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { type Holder, type Reach } from './revocation-words.ts';

const getColumns = (lastSeq: number): readonly Column<Holder>[] => [
  { key: 'name', header: 'Agent', share: 'w-1/2', cell: ({ name }) => name },
  { key: 'status', header: 'Status', cell: (agent) => <AgentStatus {...agent} /> },
  { key: 'site', header: 'Site', share: 'w-1/4', hideBelow: 'lg', cell: ({ siteName }) => siteName },
  { key: 'has', header: 'Has', cell: (agent) => <Confirmed agent={agent} lastSeq={lastSeq} /> },
  {
    key: 'since',
    header: 'Since',
    align: 'end',
    hideBelow: 'md',
    cell: ({ confirmedAt }) => (confirmedAt ? <RelativeTime at={confirmedAt} className="text-subtle" /> : '–'),
  },
];

function Confirmed({ agent: { keepsLog, confirmed }, lastSeq }: { agent: Holder; lastSeq: number }) {
  if (!keepsLog) return <span className="text-subtle">no log</span>;
  if (confirmed === null) return <span className="text-warn-fg">nothing yet</span>;
  if (confirmed >= lastSeq) return 'all of it';
  return (
    <span className="text-warn-fg">
      {confirmed} of {lastSeq}
    </span>
  );
}

/** The agents that lack something of the log, or have not said; one line when none does, nothing while the log is empty. */
export function ReachCard({ reach: { lastSeq, total, keeping, complete, agents } }: { reach: Reach }) {
  const path = usePath();
  if (lastSeq === 0 || total === 0) return null;
  const lacking = total - complete;
  if (lacking === 0) {
    return (
      <p className="text-muted">{total === 1 ? 'The one agent has' : `Each of ${total} agents has`} confirmed the whole log.</p>
    );
  }
  const shown = agents.slice(0, lacking);
  return (
    <>
      <Banner
        tone="warn"
        title={lacking === 1 ? 'One agent has not confirmed the whole log' : `${lacking} agents have not confirmed the whole log`}
      >
        An agent that is not connected is sent what it lacks when it comes back, before any configuration. Until then it goes on
        with what it knows, at most until its configuration runs out or the age that its guardrails allow.
        {keeping < total && ' One that keeps no log learns of a revocation with its next configuration: update it.'}
      </Banner>
      <Table
        label="Agents that lack something"
        columns={getColumns(lastSeq)}
        rows={shown}
        footer={shown.length < lacking ? `And ${lacking - shown.length} more, which know no less than these` : undefined}
        getRowKey={({ id }) => id}
        buildHref={({ id }) => path(`/agents/${id}`)}
      />
    </>
  );
}
