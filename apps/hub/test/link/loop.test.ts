import { expect, test } from 'vitest';

import { createLoop, type Concern } from '../../src/push/loop.ts';

function makeRecorded() {
  const runs: Concern[][] = [];
  const errors: unknown[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const loop = createLoop(
    (due) => {
      runs.push([...due]);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      return gate.promise;
    },
    (error) => errors.push(error),
  );
  return { loop, runs, errors, gates };
}

test('wakes during a run are folded into one run after it', async () => {
  const { loop, runs, gates } = makeRecorded();
  loop.wake(['config']);
  loop.wake(['standing']);
  loop.wake(['config', 'discovery']);
  expect(runs).toEqual([['config']]);
  gates[0]!.resolve();
  await expect.poll(() => runs.length).toBe(2);
  expect(runs[1]!.toSorted()).toEqual(['config', 'discovery', 'standing']);
  gates[1]!.resolve();
  await loop.waitUntilIdle();
  expect(runs).toHaveLength(2);
});

test('what a failed run was to do is done with the next wake, not at once', async () => {
  const { loop, runs, errors, gates } = makeRecorded();
  loop.wake(['standing']);
  gates[0]!.reject(new Error('Postgres is away'));
  await loop.waitUntilIdle();
  expect(errors).toHaveLength(1);
  expect(runs).toHaveLength(1);
  loop.wake(['config']);
  expect(runs[1]!.toSorted()).toEqual(['config', 'standing']);
  gates[1]!.resolve();
  await loop.waitUntilIdle();
});

test('a loop that ended starts again', async () => {
  const { loop, runs, gates } = makeRecorded();
  for (const round of [0, 1, 2]) {
    loop.wake(['config']);
    gates[round]!.resolve();
    await loop.waitUntilIdle();
  }
  expect(runs).toHaveLength(3);
});
