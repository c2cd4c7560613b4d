'use client';

import { useSyncExternalStore } from 'react';

import { formatAge, formatClock, formatDateTime, formatDay } from './time.ts';

const listeners = new Set<() => void>();
let tick: ReturnType<typeof setInterval> | undefined;

/** One timer for every clock of the page; it stops with the last of them. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  tick ??= setInterval(() => listeners.forEach((call) => call()), 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(tick);
    tick = undefined;
  };
}

const getCurrentSecond = (): number => Math.floor(Date.now() / 1_000) * 1_000;

/** The time now, milliseconds, whole seconds; null while rendering on the server, where the reader's clock is unknown. */
export function useNow(): number | null {
  return useSyncExternalStore<number | null>(subscribe, getCurrentSecond, () => null);
}

export interface TimeProps {
  at: Date;
  className?: string;
}

/** "14 s ago", kept fresh; the full date on hover. */
export function RelativeTime({ at, className }: TimeProps) {
  const now = useNow();
  return (
    <time dateTime={at.toISOString()} title={now === null ? undefined : formatDateTime(at)} className={className}>
      {now === null ? '\u2007' : formatAge(at, now)}
    </time>
  );
}

/** "10:14:02" (or day and time before the last 24 hours); the full date on hover. For records. */
export function ClockTime({ at, className }: TimeProps) {
  const now = useNow();
  return (
    <time dateTime={at.toISOString()} title={now === null ? undefined : formatDateTime(at)} className={className}>
      {now === null ? '\u2007' : formatClock(at, now)}
    </time>
  );
}

/** "21 Nov 2026, 10:14:02", in the reader's zone. */
export function FullTime({ at, className }: TimeProps) {
  const now = useNow();
  return (
    <time dateTime={at.toISOString()} className={className}>
      {now === null ? '\u2007' : formatDateTime(at)}
    </time>
  );
}

/** "21 Nov 2026"; the time on hover. For what matters to the day. */
export function DayTime({ at, className }: TimeProps) {
  const now = useNow();
  return (
    <time dateTime={at.toISOString()} title={now === null ? undefined : formatDateTime(at)} className={className}>
      {now === null ? '\u2007' : formatDay(at)}
    </time>
  );
}
