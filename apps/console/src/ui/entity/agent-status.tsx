'use client';

import { CheckIcon } from '@phosphor-icons/react/ssr';

import type { Tone } from '../status/badge.tsx';
import { StatusDot } from '../status/status-dot.tsx';

export type AgentStatusWord = 'Connected' | 'Late' | 'Offline' | 'Never connected' | 'Revoked' | 'Quarantined';

const TONE: Record<AgentStatusWord, Tone> = {
  Connected: 'ok',
  Late: 'warn',
  Offline: 'danger',
  'Never connected': 'neutral',
  Revoked: 'neutral',
  Quarantined: 'danger',
};

export interface AgentStatusProps {
  status: AgentStatusWord;
  /** last heartbeat */
  lastSeenAt: Date | null;
  revokedAt?: Date | null;
  quarantinedAt?: Date | null;
}

/** Since when the status holds; of one that goes by what is heard, when it was heard last. */
export function getStatusTime({ status, lastSeenAt, revokedAt, quarantinedAt }: AgentStatusProps): Date | null {
  if (status === 'Revoked') return revokedAt ?? null;
  return status === 'Quarantined' ? (quarantinedAt ?? null) : lastSeenAt;
}

/** The status word of an agent with its age. */
export function AgentStatus(props: AgentStatusProps) {
  const { status } = props;
  const quiet = status === 'Never connected' || status === 'Revoked';
  return <StatusDot tone={TONE[status]} word={status} at={getStatusTime(props)} hollow={quiet} />;
}

export interface ConfigVersionProps {
  /** newest configuration of the site; 0: none yet */
  desiredVersion: number;
  /** what the agent says it serves; 0: none yet */
  ackedVersion: number;
  /** newest version that the agent refused */
  rejectedVersion: number | null;
  /** what the agent leaves out of what it serves */
  withheldCount: number;
  revokedAt?: Date | null;
}

/** "v31 ✓", "v31, 2 withheld", "v30 → v31" or "v31 rejected": published against acknowledged. */
export function ConfigVersion({ desiredVersion, ackedVersion, rejectedVersion, withheldCount, revokedAt }: ConfigVersionProps) {
  if (revokedAt) return <span className="text-subtle">–</span>;
  if (desiredVersion === 0) return <span className="text-subtle">none</span>;
  if (ackedVersion === desiredVersion && withheldCount > 0) {
    return (
      <span className="text-warn-fg">
        v{desiredVersion}, {withheldCount} withheld
      </span>
    );
  }
  if (ackedVersion === desiredVersion) {
    return (
      <span className="inline-flex items-center gap-1">
        v{desiredVersion}
        <CheckIcon aria-hidden size={12} weight="bold" className="text-ok-fg" />
        <span className="sr-only">acknowledged</span>
      </span>
    );
  }
  if (rejectedVersion === desiredVersion) return <span className="font-medium text-danger-fg">v{desiredVersion} rejected</span>;
  return (
    <span className="text-warn-fg">
      {ackedVersion === 0 ? 'none' : `v${ackedVersion}`} → v{desiredVersion}
    </span>
  );
}
