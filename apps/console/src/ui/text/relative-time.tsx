'use client';

import { createContext, use, useSyncExternalStore } from 'react';

import { cn } from '../cn.ts';
import { useTimeZone } from './time-zone.tsx';
import { formatAge, formatClock, formatDateTime, formatDay, formatFully } from './time.ts';
import { formatOffset } from './zone.ts';

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

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const getNow = (step: number): number => Math.floor(Date.now() / step) * step;

/** The time now, milliseconds, whole seconds; null while rendering on the server, where the reader's clock is unknown. */
export function useNow(step = SECOND): number | null {
  return useSyncExternalStore<number | null>(
    subscribeToClock,
    () => getNow(step),
    () => null,
  );
}

/** What is written with the time now. A list has hundreds of these, so each is made again when its text differs, not every second. */
function useTextNow(write: (now: number) => string): string | null {
  return useSyncExternalStore<string | null>(
    subscribeToClock,
    () => write(getNow(SECOND)),
    () => null,
  );
}

export interface TimeProps {
  at: Date;
  className?: string;
}

interface MomentProps extends TimeProps {
  /** null: not known yet */
  text: string | null;
  isFull?: boolean;
}

/** A time on one line, in the zone in which the reader reads times; empty until what it is written with is known. */
function Moment({ at, className, text, isFull }: MomentProps) {
  const zone = useTimeZone();
  return (
    <time
      dateTime={at.toISOString()}
      title={zone === null || text === null || isFull ? undefined : formatFully(at, zone)}
      className={cn('whitespace-nowrap', className)}
    >
      {text ?? '\u2007'}
    </time>
  );
}

/** "14 s ago", kept fresh; the full date on hover. */
export function RelativeTime(props: TimeProps) {
  return <Moment {...props} text={useTextNow((now) => formatAge(props.at, now))} />;
}

/** Whether the zone is named above: by the head of a column. */
export const ZoneNamedContext = createContext(false);

/** "10:14:02 UTC+2" (or day and time before the last 24 hours); the full date on hover. For records. Below a head that names the zone without it, unless the clocks have been moved since. */
export function ClockTime(props: TimeProps) {
  const now = useNow(MINUTE);
  const zone = useTimeZone();
  const isNamed = use(ZoneNamedContext);
  if (now === null || zone === null) return <Moment {...props} text={null} />;
  const clock = formatClock(props.at, now, zone);
  const offset = formatOffset(props.at, zone);
  return <Moment {...props} text={isNamed && offset === formatOffset(new Date(now), zone) ? clock : `${clock} ${offset}`} />;
}

/** "UTC+2": in which zone the clocks below it are. Empty until it is known. */
export function ZoneName() {
  const now = useNow(MINUTE);
  const zone = useTimeZone();
  if (now === null || zone === null) return null;
  return <span title={zone}>{formatOffset(new Date(now), zone)}</span>;
}

/** "21 Nov 2026, 10:14:02 UTC+2". */
export function FullTime(props: TimeProps) {
  const zone = useTimeZone();
  return <Moment {...props} text={zone === null ? null : formatDateTime(props.at, zone)} isFull />;
}

/** "21 Nov 2026"; time and zone on hover. For what matters to the day. */
export function DayTime(props: TimeProps) {
  const zone = useTimeZone();
  return <Moment {...props} text={zone === null ? null : formatDay(props.at, zone)} />;
}
