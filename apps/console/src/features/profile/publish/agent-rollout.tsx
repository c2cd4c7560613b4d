'use client';

import { CheckCircleIcon, CircleDashedIcon, CircleNotchIcon, XCircleIcon } from '@phosphor-icons/react/ssr';
import Link from 'next/link';
import type { ReactNode } from 'react';

import type { ApiOutput } from '../../../trpc/client.tsx';
import { usePath } from '../../../trpc/use-path.ts';
import { cn } from '../../../ui/cn.ts';
import { ClockTime } from '../../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';

type RolloutRow = ApiOutput['profile']['rollout']['agents'][number];

/** The agent refused the configuration that it should serve now, not an older one. */
const hasRejectedDesiredVersion = ({ rejected, desiredVersion }: RolloutRow): boolean => rejected?.version === desiredVersion;

/** One agent: sent, then acknowledged or refused, each with what is known of its time. */
export function AgentRollout({ row }: { row: RolloutRow }) {
  const path = usePath();
  const { agentId, name, siteName, ackedVersion, desiredVersion } = row;
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <p className="min-w-0 truncate">
          <Link href={path(`/agents/${agentId}`)} className="font-medium hover:underline">
            {name}
          </Link>{' '}
          <span className="text-subtle">{siteName}</span>
        </p>
        <p className="text-xs text-subtle tabular-nums">
          config v{desiredVersion}
          {ackedVersion !== desiredVersion && (ackedVersion === 0 ? ', serves nothing yet' : `, serves v${ackedVersion}`)}
        </p>
      </div>
      <ol className="mt-1.5 flex flex-wrap items-start gap-x-6 gap-y-1">
        <SentStep row={row} />
        <AnswerStep row={row} />
      </ol>
    </li>
  );
}

type Mark = 'done' | 'running' | 'refused' | 'open';
const MARK = {
  done: { icon: CheckCircleIcon, className: 'text-ok', weight: 'fill' },
  running: { icon: CircleNotchIcon, className: 'animate-spin text-accent-fg', weight: 'regular' },
  refused: { icon: XCircleIcon, className: 'text-danger', weight: 'fill' },
  open: { icon: CircleDashedIcon, className: 'text-subtle', weight: 'regular' },
} as const;

function Step({ mark, tone, children }: { mark: Mark; tone?: string; children: ReactNode }) {
  const { icon: Icon, className, weight } = MARK[mark];
  return (
    <li className="flex min-w-0 items-start gap-1.5">
      <Icon aria-hidden size={16} weight={weight} className={cn('mt-0.5 shrink-0', className)} />
      <span className={cn('min-w-0 break-words', tone ?? 'text-muted')}>{children}</span>
    </li>
  );
}

/** An answer proves that it arrived; without one only the link tells. */
function SentStep({ row }: { row: RolloutRow }) {
  if (row.serving || hasRejectedDesiredVersion(row) || row.status === 'Connected') return <Step mark="done">Sent</Step>;
  return (
    <Step mark="open" tone="text-subtle">
      Not sent: {row.status.toLowerCase()}. It gets the configuration when it connects.
    </Step>
  );
}

function AnswerStep({ row }: { row: RolloutRow }) {
  const { serving, rejected, ackedAt, status } = row;
  if (serving) {
    return <Step mark="done">Acknowledged and served {ackedAt && <ClockTime at={ackedAt} className="tabular-nums" />}</Step>;
  }
  if (rejected && hasRejectedDesiredVersion(row)) {
    return (
      <Step mark="refused" tone="text-danger-fg">
        Refused {rejected.at && <ClockTime at={rejected.at} className="tabular-nums" />} ({rejected.code}):{' '}
        <UntrustedText text={rejected.reason} />
      </Step>
    );
  }
  if (status !== 'Connected') return null;
  return <Step mark="running">Waits for the acknowledgement</Step>;
}
