import type { ApiOutput } from '../../trpc/client.tsx';
import type { Tone } from '../status/badge.tsx';

type ServerDetail = ApiOutput['server']['get'];

/** What one agent says of one server. */
export type HealthReport = ServerDetail['health']['reports'][number];

export interface HealthWords {
  word: string;
  tone: Tone;
  hollow: boolean;
  /** the agent tries again then, and refuses calls until it does */
  retryAt: Date | null;
}

/** The state of a server at one agent, as it was reported. What an agent said before it went away is old news, not a state. */
export function getHealthWords(
  { live, state, retryAt }: Pick<HealthReport, 'live' | 'state' | 'retryAt'>,
  now: number,
): HealthWords {
  if (!live) return { word: 'Unknown', tone: 'neutral', hollow: true, retryAt: null };
  switch (state) {
    case 'withheld':
      return { word: 'Withheld', tone: 'warn', hollow: false, retryAt: null };
    case 'connected':
      return { word: 'Connected', tone: 'ok', hollow: false, retryAt: null };
    case 'unused':
      return { word: 'Not used yet', tone: 'neutral', hollow: true, retryAt: null };
    case 'unreachable':
      if (retryAt !== null && retryAt.getTime() > now) return { word: 'Retrying at', tone: 'warn', hollow: false, retryAt };
      return { word: 'Unreachable', tone: 'danger', hollow: false, retryAt: null };
  }
}

/** "3 connections", "1 process": what is open at the agent now. */
export function describeOpenCount(kind: ServerDetail['kind'], count: number): string {
  const one = kind === 'stdio' ? 'process' : 'connection';
  const many = kind === 'stdio' ? 'processes' : 'connections';
  return count === 0 ? 'none' : `${count} ${count === 1 ? one : many}`;
}
