'use client';

import type { Icon } from '@phosphor-icons/react';
import {
  GlobeSimpleIcon,
  EyeIcon,
  PencilSimpleIcon,
  TrashIcon,
  CheckIcon,
  PauseIcon,
  ProhibitIcon,
  WarningIcon,
} from '@phosphor-icons/react/ssr';
import type { ReactNode } from 'react';

import type { Outcome } from '@gatehouse/policy/decision';
import type { Risk } from '@gatehouse/policy/documents/definition';

import { cn } from '../cn.ts';

export type Tone = 'neutral' | 'ok' | 'warn' | 'danger' | 'info' | 'violet';

export const TONE_CHIP: Record<Tone, string> = {
  // a row that is selected has the ground of the chip
  neutral: 'bg-active in-data-selected:bg-surface text-muted',
  ok: 'bg-ok-bg text-ok-fg',
  warn: 'bg-warn-bg text-warn-fg',
  danger: 'bg-danger-bg text-danger-fg',
  info: 'bg-info-bg text-info-fg',
  violet: 'bg-violet-bg text-violet-fg',
};

export interface BadgeProps {
  tone?: Tone;
  icon?: Icon;
  /** dashed outline instead of a filled ground: assumed, not stated */
  outlined?: boolean;
  title?: string;
  children: ReactNode;
}

/** A small word that classifies. Colour only for risk and trouble. */
export function Badge({ tone = 'neutral', icon: IconBefore, outlined, title, children }: BadgeProps) {
  return (
    <span
      title={title}
      className={cn(
        'inline-flex h-5 items-center align-middle gap-1 rounded-chip px-1.5 text-xs font-medium whitespace-nowrap',
        TONE_CHIP[tone],
        outlined && 'border border-dashed border-current bg-transparent',
      )}
    >
      {IconBefore && <IconBefore aria-hidden size={12} weight="bold" />}
      {children}
    </span>
  );
}

type Word = Required<Pick<BadgeProps, 'tone' | 'icon'>> & { word: string };

const RISK: Record<Risk, Word> = {
  read: { tone: 'neutral', icon: EyeIcon, word: 'Read' },
  write: { tone: 'info', icon: PencilSimpleIcon, word: 'Write' },
  destructive: { tone: 'danger', icon: TrashIcon, word: 'Destructive' },
  open_world: { tone: 'violet', icon: GlobeSimpleIcon, word: 'Open world' },
};

/** The word of a risk as it stands on the screen. */
export const describeRisk = (risk: Risk): string => RISK[risk].word;

export interface RiskBadgeProps {
  risk: Risk;
  /** the server said nothing, so the worst is assumed: outlined, and said in words */
  assumed?: boolean;
}

/** What a tool may do. Icon and word, never colour alone. */
export function RiskBadge({ risk, assumed }: RiskBadgeProps) {
  const { word, ...look } = RISK[risk];
  return (
    <Badge {...look} outlined={assumed}>
      {assumed ? `${word} (assumed)` : word}
    </Badge>
  );
}

const OUTCOME: Record<Outcome, Word> = {
  allowed: { tone: 'neutral', icon: CheckIcon, word: 'Allowed' },
  denied: { tone: 'danger', icon: ProhibitIcon, word: 'Denied' },
  held: { tone: 'warn', icon: PauseIcon, word: 'Held' },
  failed: { tone: 'violet', icon: WarningIcon, word: 'Failed' },
};

const ALLOWED_IN_VAIN: Word = { tone: 'warn', icon: WarningIcon, word: 'Allowed, error' };

/** How a call ended. Allowed is quiet, unless what came back is an error of the server. */
export function OutcomeChip({ outcome, reasonCode }: { outcome: Outcome; reasonCode: string }) {
  const { word, ...look } = outcome === 'allowed' && reasonCode === 'tool_error' ? ALLOWED_IN_VAIN : OUTCOME[outcome];
  return <Badge {...look}>{word}</Badge>;
}
