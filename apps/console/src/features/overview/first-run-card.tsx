'use client';

import { CheckIcon, PlusIcon } from '@phosphor-icons/react/ssr';
import { type ReactNode, useState } from 'react';

import type { ApiOutput } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { CalledName } from '../../ui/entity/call-cells.tsx';
import { OutcomeChip } from '../../ui/status/badge.tsx';
import { ClockTime, useNow } from '../../ui/text/relative-time.tsx';
import { formatElapsed } from '../../ui/text/time.ts';
import { listFirstRunSteps, type Step } from './first-run-steps.ts';

type Overview = ApiOutput['overview']['get'];

/** From a new workspace to the first governed call. Each tick is an observed fact; the last one is the receipt of an allowed call. */
export function FirstRunCard({ overview }: { overview: Overview }) {
  const steps = listFirstRunSteps(overview.firstRun);
  const done = steps.filter(({ state }) => state === 'done').length;
  return (
    <section aria-labelledby="first-run" className="overflow-hidden rounded-card border border-line bg-surface">
      <header className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b border-line px-5 py-3.5">
        <h2 id="first-run" className="text-lg font-semibold">
          {done === steps.length ? 'Your first governed call is here' : 'Get to your first governed call'}
        </h2>
        <div className="flex items-center gap-3">
          <div aria-hidden className="flex gap-1">
            {steps.map(({ name, state }) => (
              <span key={name} className={cn('h-1 w-6 rounded-full', state === 'done' ? 'bg-accent' : 'bg-active')} />
            ))}
          </div>
          <p className="text-muted tabular-nums">
            {done} of {steps.length}
          </p>
        </div>
      </header>
      <ol className="divide-y divide-line">
        {steps.map((step, index) => (
          <StepRow key={step.name} step={step} number={index + 1}>
            <StepEnd step={step} overview={overview} />
          </StepRow>
        ))}
      </ol>
    </section>
  );
}

function StepRow({ step, number, children }: { step: Step; number: number; children: ReactNode }) {
  const { state, title } = step;
  return (
    <li
      aria-current={state === 'next' ? 'step' : undefined}
      className={cn('flex min-h-13 flex-wrap items-center gap-x-3 gap-y-2 px-5 py-2.5', state === 'next' && 'bg-canvas')}
    >
      <span
        className={cn(
          'flex size-6 shrink-0 items-center justify-center rounded-full text-xs font-semibold tabular-nums',
          state === 'done' && 'bg-ok-bg text-ok-fg',
          state === 'next' && 'bg-accent text-white',
          state === 'later' && 'border border-kumo-line text-subtle',
        )}
      >
        {state === 'done' ? <CheckIcon aria-hidden size={14} weight="bold" /> : number}
        {state === 'done' && <span className="sr-only">Step {number}, done</span>}
      </span>
      <span className={cn('min-w-40 flex-1 text-base', state === 'next' && 'font-semibold', state === 'later' && 'text-muted')}>
        {title}
      </span>
      <div className="flex min-w-0 flex-wrap items-center gap-2 max-sm:w-full max-sm:pl-9">{children}</div>
    </li>
  );
}

function StepEnd({ step, overview }: { step: Step; overview: Overview }) {
  if (step.fact) {
    return (
      <span className="min-w-0 text-muted">
        <span className="font-medium text-fg">{step.fact.name}</span> · {FACT_WORD[step.name]} <ClockTime at={step.fact.at} />
      </span>
    );
  }
  if (step.name === 'call') return <CallEnd step={step} overview={overview} />;
  if (step.state === 'later') return <span className="text-subtle">needs step {step.needs}</span>;
  return <StepAction name={step.name} overview={overview} />;
}

const FACT_WORD = { workspace: 'created', agent: 'enrolled', server: 'added', profile: 'published', call: 'called' } as const;

function StepAction({ name, overview }: { name: Step['name']; overview: Overview }) {
  const path = usePath();
  const { can } = useMe();
  if (name === 'agent') {
    if (!can('agent.manage')) return <Missing who="an owner or admin" />;
    return (
      <LinkButton href={path('/agents/new')} variant="primary" icon={PlusIcon}>
        Install an agent
      </LinkButton>
    );
  }
  if (name === 'server') {
    if (!can('server.create')) return <Missing who="an owner, admin or builder" />;
    return (
      <LinkButton href={path('/servers/new')} variant="primary" icon={PlusIcon}>
        Add a server
      </LinkButton>
    );
  }
  if (overview.counts.reviewsOpen > 0) {
    return (
      <>
        <span className="text-muted">What it offers waits for a review first</span>
        <LinkButton href={path('/reviews')} variant="primary">
          Review
        </LinkButton>
      </>
    );
  }
  if (!can('profile.edit')) return <Missing who="an owner, admin or builder" />;
  return (
    <LinkButton href={path('/profiles')} variant="primary">
      Choose tools
    </LinkButton>
  );
}

function Missing({ who }: { who: string }) {
  const { isStopped } = useMe();
  return <span className="text-muted">{isStopped ? 'waits while the workspace is stopped' : `waits for ${who}`}</span>;
}

/** The last step watches: only the receipt of an allowed call ends it, and what came instead is said. */
function CallEnd({ step, overview }: { step: Step; overview: Overview }) {
  const path = usePath();
  const now = useNow();
  const [since] = useState(() => Date.now());
  if (step.state === 'later') return <span className="text-subtle">the call will show here</span>;
  const refused = overview.lastCalls[0];
  return (
    <>
      <output className="text-muted">
        {refused ? (
          <>
            Last call: <CalledName call={refused} /> <OutcomeChip {...refused} /> at <ClockTime at={refused.receivedAt} />. An
            allowed one ends this step.
          </>
        ) : (
          <>
            Waiting for a call to <span className="font-medium text-fg">{overview.firstRun.profile?.name}</span>… nothing yet
          </>
        )}
      </output>
      {!refused && (
        <span aria-hidden className="text-subtle tabular-nums">
          {now === null ? '' : formatElapsed(now - since)}
        </span>
      )}
      {refused && (
        <LinkButton href={path(`/audit?peek=${refused.id}`)} size="small">
          See why
        </LinkButton>
      )}
      <LinkButton href={path('/connect')} variant="primary">
        Connect a client
      </LinkButton>
    </>
  );
}
