'use client';

import Link from 'next/link';

import type { ApiOutput } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { AgentStatus, ConfigVersion } from '../../ui/entity/agent-status.tsx';
import { Card } from '../../ui/layout/card.tsx';

/** The agents at a glance: alive, and running what was published? */
export function AgentsCard({ agents, total }: { agents: ApiOutput['agent']['list']['rows']; total: number }) {
  const path = usePath();
  const shown = agents.filter(({ revokedAt }) => revokedAt === null);
  return (
    <Card
      title="Agents"
      padded={false}
      actions={
        <LinkButton size="small" variant="ghost" className="-mr-2" href={path('/agents')}>
          {total > agents.length ? `All ${total.toLocaleString('en')} agents` : 'All agents'}
        </LinkButton>
      }
    >
      <ul className="divide-y divide-line">
        {shown.map((agent) => (
          <li
            key={agent.id}
            className="relative grid min-h-10 grid-cols-[1fr_auto] items-center gap-x-6 gap-y-1 px-4 py-1.5 hover:bg-sunken sm:grid-cols-[1fr_auto_6rem]"
          >
            <Link
              href={path(`/agents/${agent.id}`)}
              className="truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ring"
            >
              {agent.name}
            </Link>
            <AgentStatus {...agent} />
            <span className="text-right max-sm:col-start-2">
              <ConfigVersion {...agent} />
            </span>
          </li>
        ))}
        {shown.length === 0 && <li className="px-4 py-3 text-muted">No agent is enrolled.</li>}
      </ul>
    </Card>
  );
}
