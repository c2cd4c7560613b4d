'use client';

import { ArrowClockwiseIcon, CheckCircleIcon, CircleDashedIcon, CircleNotchIcon, XCircleIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { describeCounts, sumCounts } from '@gatehouse/policy/documents/entry-counts';

import { useTRPC, type ApiOutput } from '../../../trpc/client.tsx';
import { usePath } from '../../../trpc/use-path.ts';
import { Button, LinkButton } from '../../../ui/button.tsx';
import { Banner } from '../../../ui/layout/card.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { Bar } from '../../../ui/status/states.tsx';
import { ClockTime, useNow } from '../../../ui/text/relative-time.tsx';
import { formatElapsed } from '../../../ui/text/time.ts';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { getAdvice } from './discovery-advice.ts';
import { readListedOffer } from './left-out.ts';
import { LeftOut } from './left-out.tsx';

type Discovery = ApiOutput['discovery']['get'];
type StageName = Discovery['stages'][number]['stage'];
type StageState = 'waiting' | 'running' | 'passed' | 'failed';

/** Read again this often while it runs; changes arrive by themselves, this covers a lost one. */
const POLL_MS = 2_000;

const STAGES: readonly { stage: StageName; words: string }[] = [
  { stage: 'resolve', words: 'Resolve the address and the credential' },
  { stage: 'connect', words: 'Connect' },
  { stage: 'initialize', words: 'Start an MCP session' },
  { stage: 'list', words: 'List what it offers' },
];

const MARK: Record<StageState, ReactNode> = {
  waiting: <CircleDashedIcon aria-hidden size={16} className="text-subtle" />,
  running: <CircleNotchIcon aria-hidden size={16} className="animate-spin text-accent-fg" />,
  passed: <CheckCircleIcon aria-hidden size={16} weight="fill" className="text-ok" />,
  failed: <XCircleIcon aria-hidden size={16} weight="fill" className="text-danger" />,
};

function getStageProgress(
  { stages, status }: Discovery,
  name: StageName,
): { state: StageState; at: Date | null; detail: string | null } {
  const last = stages.findLast(({ stage }) => stage === name);
  if (!last) return { state: status === 'succeeded' ? 'passed' : 'waiting', at: null, detail: null };
  // A run that ended elsewhere leaves its last started stage open: it did not pass.
  const started: StageState = status === 'failed' ? 'failed' : 'running';
  return { state: last.status === 'started' ? started : last.status, at: new Date(last.at), detail: last.detail ?? null };
}

function Waiting({ since }: { since: Date }) {
  const now = useNow();
  return <span className="text-subtle tabular-nums">{now !== null && formatElapsed(now - since.getTime())}</span>;
}

export interface DiscoveryPanelProps {
  discoveryId: string;
  /** starts another one */
  onRetry?: (() => void) | undefined;
  retrying?: boolean;
  /** shown on the page of the server itself, so it needs no link there */
  onServerPage?: boolean;
}

/** One look at a server by an agent, stage by stage as it happens, with the raw error and what to do about it. */
export function DiscoveryPanel({ discoveryId, ...ending }: DiscoveryPanelProps) {
  const trpc = useTRPC();
  const discovery = useQuery(
    trpc.discovery.get.queryOptions(
      { discoveryId },
      { refetchInterval: ({ state }) => (state.data && ['succeeded', 'failed'].includes(state.data.status) ? false : POLL_MS) },
    ),
  );
  return (
    <Loaded query={discovery} skeleton={<Bar className="h-32" />} errorTitle="The discovery could not be loaded">
      {(data) => (
        <div className="flex flex-col gap-4">
          <Stages discovery={data} />
          <Ending discovery={data} {...ending} />
        </div>
      )}
    </Loaded>
  );
}

function Stages({ discovery }: { discovery: Discovery }) {
  const running = discovery.status === 'waiting' || discovery.status === 'running';
  const offer = readListedOffer(discovery.stages);
  return (
    <div>
      <div className="mb-2 flex flex-wrap items-center gap-2 text-muted">
        <output>
          {discovery.status === 'waiting' && <>Waiting for agent {discovery.agentName ?? '(removed)'} to pick it up…</>}
          {discovery.status === 'running' && <>Agent {discovery.agentName} is looking…</>}
          {!running && <>Looked at by agent {discovery.agentName ?? '(removed)'}</>}
        </output>
        {running && <Waiting since={discovery.createdAt} />}
        {!running && discovery.finishedAt && <ClockTime at={discovery.finishedAt} className="text-subtle" />}
      </div>
      <ol className="flex flex-col gap-2">
        {STAGES.map(({ stage, words }) => {
          const { state, at, ...progress } = getStageProgress(discovery, stage);
          const detail = stage === 'list' && state === 'passed' ? offer.counts : progress.detail;
          return (
            <li key={stage} className="flex items-start gap-2">
              <span className="mt-0.5">{MARK[state]}</span>
              <span className={state === 'waiting' ? 'text-subtle' : undefined}>
                {words}
                <span className="sr-only">: {state}</span>
                {detail !== null && (
                  <span className="ml-2 text-subtle">
                    <UntrustedText text={detail} />
                  </span>
                )}
              </span>
              {at && state !== 'running' && <ClockTime at={at} className="ml-auto text-xs leading-5 text-subtle" />}
            </li>
          );
        })}
      </ol>
      {offer.personal.map((note) => (
        <p key={note} className="mt-2 text-muted wrap-anywhere first-letter:uppercase">
          <UntrustedText text={note} />. The review shows where; it has to be looked at there.
        </p>
      ))}
      {(offer.leftOut.length > 0 || discovery.heldBack) && (
        <Banner tone="warn" title="Not all of it was taken in" className="mt-3">
          <LeftOut offer={offer} heldBack={discovery.heldBack} />
        </Banner>
      )}
    </div>
  );
}

/** An agent may find nothing at the first look, and less at a later one: only what is true of both is said. */
export function describeOutcome({
  openReviewId,
  found,
  waitingCount,
}: Pick<Discovery, 'openReviewId' | 'found' | 'waitingCount'>): string {
  const total = found ? sumCounts(found) : 0;
  if (openReviewId && waitingCount < total)
    return `${waitingCount} of it ${waitingCount === 1 ? 'waits' : 'wait'} for a review. What was decided on before counts meanwhile.`;
  if (openReviewId) return 'None of it can be used before a review.';
  return found && sumCounts(found) > 0 ? 'Nothing of it waits for a review.' : 'There is nothing to review.';
}

function Ending({
  discovery,
  onRetry,
  retrying,
  onServerPage,
}: { discovery: Discovery } & Omit<DiscoveryPanelProps, 'discoveryId'>) {
  const path = usePath();
  const { status, found, openReviewId, serverSlug, errorCode, errorText } = discovery;
  const again = onRetry && (
    <Button icon={ArrowClockwiseIcon} onClick={onRetry} loading={retrying}>
      Try again
    </Button>
  );
  if (status === 'succeeded') {
    return (
      <div className="flex flex-wrap items-center gap-3 border-t border-line pt-4">
        <p className="min-w-0 flex-1">
          <span className="font-medium">Found {found ? describeCounts(found) : 'nothing'}.</span>{' '}
          <span className="text-muted">{describeOutcome(discovery)}</span>
        </p>
        {openReviewId ? (
          <LinkButton href={path(`/reviews/${openReviewId}`)} variant="primary">
            Open the review
          </LinkButton>
        ) : (
          !onServerPage && <LinkButton href={path(`/servers/${serverSlug}`)}>Open the server</LinkButton>
        )}
      </div>
    );
  }
  if (status !== 'failed') return null;
  const advice = getAdvice(errorCode);
  return (
    <div role="alert" className="flex flex-col gap-3 border-t border-line pt-4">
      <div>
        <p className="font-medium text-danger-fg">{advice.happened}</p>
        <p className="text-muted">{advice.todo}</p>
      </div>
      {errorText !== null && (
        <pre className="overflow-x-auto rounded-control bg-sunken px-3 py-2 font-mono text-xs whitespace-pre-wrap">
          <UntrustedText text={errorText} />
        </pre>
      )}
      <div>{again}</div>
    </div>
  );
}
