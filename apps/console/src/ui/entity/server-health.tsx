'use client';

import type { ReactNode } from 'react';

import { StatusDot } from '../status/status-dot.tsx';
import { ClockTime, useNow } from '../text/relative-time.tsx';
import { UntrustedText } from '../text/untrusted-text.tsx';
import { getHealthWords, type HealthReport } from './health-words.ts';

/** How a server stands at one agent, and when that is tried anew. */
export function HealthDot({ report }: { report: Pick<HealthReport, 'live' | 'state' | 'retryAt'> }) {
  const now = useNow();
  const { word, tone, hollow, retryAt } = getHealthWords(report, now ?? 0);
  return (
    <span className="inline-flex items-center gap-1">
      <StatusDot word={word} tone={tone} hollow={hollow} />
      {retryAt && <ClockTime at={retryAt} />}
    </span>
  );
}

export interface LastError {
  id: string;
  /** whose error it is, or with what */
  name: ReactNode;
  /** the agent's own words */
  message: string;
}

/** What went wrong last, each in full: an error is too long for a column. Nothing when nothing did. */
export function LastErrors({ errors }: { errors: readonly LastError[] }) {
  if (errors.length === 0) return null;
  return (
    <ul aria-label="Last errors" className="divide-y divide-line">
      {errors.map(({ id, name, message }) => (
        <li key={id} className="px-4 py-2.5">
          <p className="text-xs text-subtle">{name}</p>
          <p className="font-mono text-xs break-words text-danger-fg">
            <UntrustedText text={message} />
          </p>
        </li>
      ))}
    </ul>
  );
}
