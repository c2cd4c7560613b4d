'use client';

import { useSyncExternalStore } from 'react';

import { cn } from '../cn.ts';
import { formatAge, formatClock, formatDateTime, formatDay } from './time.ts';

const listeners = new Set<() => void>();
let tick: ReturnType<typeof setInterval> | undefined;

/** One timer for every clock of the page; it stops with the last of them. */
export function subscribeToClock(listener: () => void): () => void {
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
  return useSyncExternalStore<number | null>(subscribeToClock, getCurrentSecond, () => null);
}

export interface TimeProps {
  at: Date;
  className?: string;
}

/** A time in words of the reader's zone and clock, on one line; empty until these are known. */
function Moment({ at, className, format, isFull }: TimeProps & { format: (at: Date, now: number) => string; isFull?: boolean }) {
  const now = useNow();
  return (
    <time
      dateTime={at.toISOString()}
      title={now === null || isFull ? undefined : formatDateTime(at)}
      className={cn('whitespace-nowrap', className)}
    >
      {now === null ? '\u2007' : format(at, now)}
    </time>
  );
}

/** "14 s ago", kept fresh; the full date on hover. */
export const RelativeTime = (props: TimeProps) => <Moment {...props} format={formatAge} />;

/** "10:14:02" (or day and time before the last 24 hours); the full date on hover. For records. */
export const ClockTime = (props: TimeProps) => <Moment {...props} format={formatClock} />;

/** "21 Nov 2026, 10:14:02", in the reader's zone. */
export const FullTime = (props: TimeProps) => <Moment {...props} format={formatDateTime} isFull />;

/** "21 Nov 2026"; the time on hover. For what matters to the day. */
export const DayTime = (props: TimeProps) => <Moment {...props} format={formatDay} />;
