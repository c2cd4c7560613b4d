'use client';

import { CheckCircleIcon } from '@phosphor-icons/react/ssr';
import Link from 'next/link';
import type { ReactNode } from 'react';

import type { ApiOutput } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { AgentStatus } from '../../ui/entity/agent-status.tsx';
import { describeWithheld } from '../../ui/entity/withheld-list.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { FullTime } from '../../ui/text/relative-time.tsx';

type Agent = ApiOutput['agent']['list'][number];

export interface NeedsYouProps {
  reviewsOpen: number;
  brokenGlass: ApiOutput['overview']['get']['brokenGlass'];
  agents: readonly Agent[];
}

/** Everything that waits for a person, each with its one action. */
export function NeedsYou({ reviewsOpen, brokenGlass, agents }: NeedsYouProps) {
  const path = usePath();
  const { silent, refusing, withholding, inStep } = groupAgents(agents);
  const calm =
    reviewsOpen === 0 && brokenGlass.length === 0 && silent.length === 0 && refusing.length === 0 && withholding.length === 0;
  return (
    <Card title="Needs you" padded={false}>
      {calm && (
        <p className="flex items-center gap-2 px-4 py-3 text-muted">
          <CheckCircleIcon aria-hidden size={16} className="shrink-0 text-ok-fg" />
          Nothing waits for a decision.{inStep && ' Every agent runs what was published.'}
        </p>
      )}
      <ul className="divide-y divide-line">
        {reviewsOpen > 0 && (
          <Row
            action={
              <LinkButton size="small" href={path('/reviews')}>
                Review
              </LinkButton>
            }
          >
            <b className="font-medium">{reviewsOpen === 1 ? 'One review' : `${reviewsOpen} reviews`}</b>{' '}
            {reviewsOpen === 1 ? 'needs' : 'need'} somebody. What is new or changed stays off until then.
          </Row>
        )}
        <BrokenGlass reviews={brokenGlass} />
        {refusing.map((agent) => (
          <AgentRow key={`refused-${agent.id}`} agent={agent} action="See why">
            refused configuration v{agent.desiredVersion}
            {agent.rejectedReason !== null && (
              <>
                : <bdi>{agent.rejectedReason}</bdi>
              </>
            )}
          </AgentRow>
        ))}
        {withholding.map((agent) => (
          <AgentRow key={`withheld-${agent.id}`} agent={agent} action="See why">
            serves configuration v{agent.ackedVersion} without {describeWithheld(agent.withheld)}
          </AgentRow>
        ))}
        {silent.map((agent) => (
          <AgentRow key={`silent-${agent.id}`} agent={agent} action="Open">
            <span className="ml-1">
              <AgentStatus {...agent} />
            </span>
            {agent.leftBehindAt !== null && <span className="ml-2 text-muted">too old to be let in</span>}
          </AgentRow>
        ))}
      </ul>
    </Card>
  );
}

/** What an owner approved alone, for as long as nobody has confirmed it. */
function BrokenGlass({ reviews }: { reviews: NeedsYouProps['brokenGlass'] }) {
  const path = usePath();
  return reviews.map(({ reviewId, serverName, by, reason, validUntil }) => (
    <Row
      key={reviewId}
      action={
        <LinkButton size="small" href={path(`/reviews/${reviewId}`)}>
          Review
        </LinkButton>
      }
    >
      <b className="font-medium">Break-glass:</b> {by.name} approved {serverName} alone (“{reason}”). Unless a second person
      confirms it, it is off from <FullTime at={validUntil} />.
    </Row>
  ));
}

/**
 * `silent`: agents that are offline, late or quarantined. `refusing`: agents that rejected the newest configuration of their site.
 * `withholding`: agents that leave out part of what they serve, unless they are silent. `inStep`: there is an agent, and every one that is not revoked serves the
 * whole of its newest configuration.
 */
function groupAgents(agents: readonly Agent[]): Record<'silent' | 'refusing' | 'withholding', Agent[]> & { inStep: boolean } {
  const serving = agents.filter(({ revokedAt }) => !revokedAt);
  return {
    silent: agents.filter(isSilent),
    refusing: serving.filter(({ rejectedVersion, desiredVersion }) => rejectedVersion === desiredVersion && desiredVersion > 0),
    withholding: serving.filter((agent) => agent.withheld.length > 0 && !isSilent(agent)),
    inStep:
      serving.length > 0 && serving.every((agent) => agent.ackedVersion === agent.desiredVersion && agent.withheld.length === 0),
  };
}

const isSilent = ({ status }: Agent): boolean => status === 'Offline' || status === 'Late' || status === 'Quarantined';

function AgentRow({ agent: { id, name }, action, children }: { agent: Agent; action: string; children: ReactNode }) {
  const path = usePath();
  return (
    <Row
      action={
        <LinkButton size="small" href={path(`/agents/${id}`)}>
          {action}
        </LinkButton>
      }
    >
      <Link href={path(`/agents/${id}`)} className="font-medium">
        {name}
      </Link>{' '}
      {children}
    </Row>
  );
}

function Row({ action, children }: { action: ReactNode; children: ReactNode }) {
  return (
    <li className="flex min-h-11 items-center gap-4 px-4 py-1.5">
      <span className="min-w-0 flex-1">{children}</span>
      {action}
    </li>
  );
}
