import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import type { LimitName } from '@gatehouse/policy/documents/server-limits';

import { Deadline } from '../../src/call/deadline.ts';
import type { TimedRequest } from '../../src/upstream/failure.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

const LONG = 600_000;

function time(limits: Partial<Record<LimitName, number>>, server = 'Orders'): TimedRequest {
  const make = <Name extends LimitName>(name: Name) => ({ name, ms: limits[name] ?? LONG, by: 'server' as const });
  return {
    limits: { start: make('start'), answer: make('answer'), silence: make('silence'), total: make('total') },
    server,
    tool: null,
  };
}

type Step = { at: number; begin: TimedRequest } | { at: number; do: 'touch' | 'pause' | 'resume' | 'end' };

/** Goes through the steps at their times: which limit stops the request, whose it is, and when; null when none does. */
async function run(steps: readonly Step[]): Promise<{ name: string; at: number; server: string } | null> {
  const start = performance.now();
  let stopped: { name: string; at: number; server: string } | null = null;
  const deadline = new Deadline(({ limit, message }) => {
    stopped ??= { name: limit.name, at: Math.round(performance.now() - start), server: message.split(' ')[0] ?? '' };
  });
  const pause = Promise.withResolvers<void>();
  let paused: Promise<void> | null = null;
  for (const step of steps) {
    await vi.advanceTimersByTimeAsync(step.at - (performance.now() - start));
    if (stopped) break;
    if ('begin' in step) deadline.begin(step.begin);
    else if (step.do === 'touch') deadline.touch();
    else if (step.do === 'end') deadline.end();
    else if (step.do === 'pause') paused = deadline.pauseDuring(pause.promise);
    else {
      pause.resolve();
      await paused;
    }
  }
  await vi.advanceTimersByTimeAsync(4 * LONG);
  deadline.end();
  return stopped;
}

const QUICK = time({ answer: 100, silence: 200, total: 1_000 });
const FIRST = time({ total: 1_000 });

const ROWS: Record<string, [steps: Step[], expected: Awaited<ReturnType<typeof run>>]> = {
  'nothing is said': [[{ at: 0, begin: QUICK }], { name: 'answer', at: 100, server: 'Orders' }],
  'silence after a sign of life': [
    [
      { at: 0, begin: QUICK },
      { at: 50, do: 'touch' },
    ],
    { name: 'silence', at: 250, server: 'Orders' },
  ],
  'signs of life without end': [
    [{ at: 0, begin: QUICK }, ...Array.from({ length: 12 }, (_, n): Step => ({ at: 90 * (n + 1), do: 'touch' }))],
    { name: 'total', at: 1_000, server: 'Orders' },
  ],
  'a further round is waited for anew': [
    [
      { at: 0, begin: QUICK },
      { at: 90, begin: QUICK },
    ],
    { name: 'answer', at: 190, server: 'Orders' },
  ],
  'the time in all goes on over the rounds': [
    [
      { at: 0, begin: FIRST },
      { at: 900, begin: FIRST },
    ],
    { name: 'total', at: 1_000, server: 'Orders' },
  ],
  'a later round may take longer in all': [
    [
      { at: 0, begin: FIRST },
      { at: 500, begin: time({ total: 5_000 }, 'Billing') },
    ],
    { name: 'total', at: 5_000, server: 'Billing' },
  ],
  'a later round may take less in all': [
    [
      { at: 0, begin: FIRST },
      { at: 500, begin: time({ total: 700 }, 'Billing') },
    ],
    { name: 'total', at: 700, server: 'Billing' },
  ],
  'what is over by the limits of a later round ends at once': [
    [
      { at: 0, begin: FIRST },
      { at: 500, begin: time({ total: 400 }, 'Billing') },
    ],
    { name: 'total', at: 500, server: 'Billing' },
  ],
  'the thinking of a person is not time of the server': [
    [
      { at: 0, begin: QUICK },
      { at: 50, do: 'pause' },
      { at: 9_000, do: 'resume' },
    ],
    { name: 'silence', at: 9_200, server: 'Orders' },
  ],
  'nor is it time in all, by the limits of the round after it': [
    [
      { at: 0, begin: FIRST },
      { at: 500, do: 'pause' },
      { at: 9_500, do: 'resume' },
      { at: 9_500, begin: time({ total: 2_000 }) },
    ],
    { name: 'total', at: 11_000, server: 'Orders' },
  ],
  'a request that ended is not stopped any more': [
    [
      { at: 0, begin: QUICK },
      { at: 50, do: 'end' },
      { at: 60, do: 'touch' },
    ],
    null,
  ],
  'what has not gone to a server is not stopped': [[{ at: 0, do: 'touch' }], null],
};

test.each(Object.entries(ROWS))('%s', async (_, [steps, expected]) => {
  expect(await run(steps)).toEqual(expected);
});
