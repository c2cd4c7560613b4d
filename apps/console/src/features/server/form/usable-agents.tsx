'use client';

import type { ReactNode } from 'react';

import { useAgents } from '../../../trpc/use-agents.ts';
import { useMe } from '../../../trpc/use-me.ts';
import { usePath } from '../../../trpc/use-path.ts';
import { LinkButton } from '../../../ui/button.tsx';
import { Card } from '../../../ui/layout/card.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { EmptyState, NotPermitted } from '../../../ui/status/states.tsx';
import type { Agents } from './server-form.ts';

/**
 * Gives `children` the agents that may still connect; without any, says that one comes first and `why`. Who may not add a server is told so
 * before typing.
 */
export function UsableAgents({ why, children }: { why: string; children: (agents: Agents) => ReactNode }) {
  const { can, isStopped } = useMe();
  if (!can('server.create')) {
    return <NotPermitted what="Adding a server" roles="owner, admin or builder" isStopped={isStopped} />;
  }
  return <AgentsFirst why={why}>{children}</AgentsFirst>;
}

function AgentsFirst({ why, children }: { why: string; children: (agents: Agents) => ReactNode }) {
  const path = usePath();
  const agents = useAgents();
  return (
    <Loaded query={agents} errorTitle="Agents could not be loaded">
      {(list) => {
        const usable = list.filter(({ status }) => status !== 'Revoked' && status !== 'Quarantined');
        if (usable.length > 0) return children(usable);
        const run = (
          <LinkButton href={path('/agents/new')} variant="primary">
            Run an agent
          </LinkButton>
        );
        return (
          <Card padded={false}>
            <EmptyState title="An agent comes first" action={run}>
              {why}
            </EmptyState>
          </Card>
        );
      }}
    </Loaded>
  );
}
