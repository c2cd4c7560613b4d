'use client';

import { cn } from '../cn.ts';
import { RelativeTime } from '../text/relative-time.tsx';
import type { Tone } from './badge.tsx';

const DOT: Record<Tone, string> = {
  neutral: 'bg-control',
  ok: 'bg-ok',
  warn: 'bg-warn',
  danger: 'bg-danger',
  info: 'bg-info',
  violet: 'bg-violet',
};

export interface StatusDotProps {
  tone: Tone;
  /** the status word of the fixed table */
  word: string;
  /** when it was last known to be so; shown as an age */
  at?: Date | null;
  /** a ring instead of a disc: not yet, or unknown */
  hollow?: boolean;
  className?: string;
}

/** Dot, word and age: a status never stands for more than was observed. In a narrow table the age stands below the word. */
export function StatusDot({ tone, word, at, hollow, className }: StatusDotProps) {
  return (
    <span className={cn('inline-flex items-center gap-x-2 whitespace-nowrap @max-[30rem]:flex-wrap', className)}>
      <span className="inline-flex items-center gap-x-2">
        <span
          aria-hidden
          className={cn(
            'size-2 shrink-0 rounded-full forced-colors:border',
            hollow ? 'border-[1.5px] border-control' : DOT[tone],
          )}
        />
        <span>{word}</span>
      </span>
      {at && <RelativeTime at={at} className="text-subtle @max-[30rem]:basis-full @max-[30rem]:pl-4" />}
    </span>
  );
}
