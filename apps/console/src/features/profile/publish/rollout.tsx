'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../../trpc/client.tsx';
import { usePath } from '../../../trpc/use-path.ts';
import { LinkButton } from '../../../ui/button.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { EmptyState } from '../../../ui/status/states.tsx';
import { ClockTime } from '../../../ui/text/relative-time.tsx';
import { AgentRollout } from './agent-rollout.tsx';

export interface RolloutProps {
  profileId: string;
  /** null: nothing is published yet */
  publishedAt: Date | null;
}

/** How far each agent has come with the newest configuration of its site; kept fresh while it is looked at. */
export function Rollout({ profileId, publishedAt }: RolloutProps) {
  const trpc = useTRPC();
  const path = usePath();
  const rollout = useQuery(trpc.profile.rollout.queryOptions({ profileId }));
  if (publishedAt === null) {
    return (
      <div className="rounded-card border border-line bg-surface">
        <EmptyState title="Nothing is published yet">Each agent is listed here once a version is on its way to it.</EmptyState>
      </div>
    );
  }
  return (
    <Loaded query={rollout} errorTitle="The rollout could not be loaded">
      {({ agents, total, serving }) => (
        <section aria-label="Rollout" className="overflow-hidden rounded-card border border-line bg-surface">
          {total === 0 ? (
            <EmptyState
              title="No agent serves this yet"
              action={<LinkButton href={path('/agents/new')}>Run an agent</LinkButton>}
            >
              The profile is served as soon as an agent runs at one of its sites.
            </EmptyState>
          ) : (
            <>
              <header className="flex min-h-9 flex-wrap items-center justify-between gap-x-4 border-b border-line bg-sunken px-4 py-1 text-xs text-subtle">
                <output>
                  {serving.toLocaleString('en')} of {total.toLocaleString('en')} {total === 1 ? 'agent serves' : 'agents serve'}{' '}
                  the newest configuration
                </output>
                <span>
                  Published <ClockTime at={publishedAt} />
                </span>
              </header>
              <ul className="divide-y divide-line">
                {agents.map((row) => (
                  <AgentRollout key={row.agentId} row={row} />
                ))}
                {agents.length < total && (
                  <li className="px-4 py-2 text-xs text-subtle">
                    The first {agents.length}, those that do not serve it before others.
                  </li>
                )}
              </ul>
            </>
          )}
        </section>
      )}
    </Loaded>
  );
}
