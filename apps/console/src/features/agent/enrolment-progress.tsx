'use client';

import { CheckIcon, WarningCircleIcon } from '@phosphor-icons/react/ssr';
import { useState } from 'react';

import type { ApiOutput } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { Banner, Card } from '../../ui/layout/card.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { SkeletonRows } from '../../ui/status/states.tsx';
import { ClockTime, RelativeTime, useNow } from '../../ui/text/relative-time.tsx';
import { formatElapsed } from '../../ui/text/time.ts';
import { describeEnrolment, describeFailure, isStopped, listEnrolmentSteps } from './enrolment-steps.ts';
import { useEnrolment } from './use-enrolment.ts';

type Progress = ApiOutput['joinToken']['get'];

/** After this the usual reasons are listed; the page goes on waiting, milliseconds. */
const PATIENCE_MS = 120_000;

/** Follows one enrolment: what the server observed, with times. Closing the page cancels nothing. */
export function EnrolmentProgress({ tokenId }: { tokenId: string }) {
  const query = useEnrolment(tokenId);
  return (
    <Loaded query={query} skeleton={<SkeletonRows rows={4} />} errorTitle="The enrolment could not be read">
      {(progress) => <Steps progress={progress} />}
    </Loaded>
  );
}

function Steps({ progress }: { progress: Progress }) {
  const path = usePath();
  const now = useNow();
  const [since] = useState(() => Date.now());
  const steps = listEnrolmentSteps(progress);
  const waitingFor = steps.findIndex(({ at }) => at === null);
  const done = waitingFor === -1;
  const stopped = now !== null && isStopped(progress, now);
  const { agentName, agentId, enrolledName, expiresAt, failureCode, failureAt } = progress;

  return (
    <Card
      title={describeEnrolment(progress, { done, stopped })}
      actions={
        !done && !stopped && now !== null && <span className="text-subtle tabular-nums">{formatElapsed(now - since)}</span>
      }
    >
      <ol aria-live="polite" className="flex flex-col gap-3">
        {steps.map(({ title, at }, index) => (
          <li key={title} className="flex items-center gap-3">
            <Dot done={at !== null} waiting={index === waitingFor && !stopped} />
            <span className={cn('flex-1', at === null && 'text-muted')}>{title}</span>
            {at ? (
              <ClockTime at={at} className="text-subtle" />
            ) : (
              index === waitingFor && !stopped && <span className="text-subtle">waiting</span>
            )}
          </li>
        ))}
      </ol>
      {failureCode !== null && failureAt !== null && (
        <p role="alert" className="mt-4 flex items-start gap-2 text-danger-fg">
          <WarningCircleIcon aria-hidden size={16} className="mt-0.5 shrink-0" />
          <span>
            <ClockTime at={failureAt} />: {describeFailure(failureCode)}
          </span>
        </p>
      )}
      {!done && !stopped && now !== null && now - since > PATIENCE_MS && <Reasons />}
      {!done && !stopped && (
        <p className="mt-4 text-xs text-subtle">
          The token stops working <RelativeTime at={expiresAt} />. You can close this page; the agent enrols all the same.
        </p>
      )}
      {done && agentId !== null && (
        <div className="mt-4 flex flex-wrap gap-2">
          <LinkButton href={path('/servers/new')} variant="primary">
            Add a server to this agent
          </LinkButton>
          <LinkButton href={path(`/agents/${agentId}`)}>Open {enrolledName ?? agentName}</LinkButton>
        </div>
      )}
    </Card>
  );
}

function Dot({ done, waiting }: { done: boolean; waiting: boolean }) {
  return (
    <span
      className={cn(
        'flex size-4 shrink-0 items-center justify-center rounded-full border-[1.5px]',
        done ? 'border-transparent bg-ok text-white' : 'border-control',
        waiting && 'animate-pulse border-accent',
      )}
    >
      {done && <CheckIcon aria-hidden size={10} weight="bold" />}
      {done && <span className="sr-only">Done:</span>}
    </span>
  );
}

function Reasons() {
  return (
    <Banner tone="warn" title="Still waiting. Most often:" className="mt-4">
      <ol className="ml-4 list-decimal">
        <li>The command was not run yet, or on another machine.</li>
        <li>The network needs a proxy: set HTTPS_PROXY and NODE_USE_ENV_PROXY=1 before the command.</li>
        <li>The process stopped: its last line says why.</li>
      </ol>
    </Banner>
  );
}
