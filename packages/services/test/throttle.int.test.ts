import { randomUUID } from 'node:crypto';

import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { getTestRedisUrl } from '@gatehouse/db/testing';

import { pruneCounters } from '../src/jobs/prune-counters.ts';
import { openPostgresThrottle, RateLimitError } from '../src/throttle/throttle.ts';
import { openWorld, expectRefused, type World } from './support/world.ts';

const redisUrl = getTestRedisUrl() ?? undefined;
const backends = [{ name: 'Postgres', redisUrl: undefined }, ...(redisUrl ? [{ name: 'Redis', redisUrl }] : [])];

describe.each(backends)('throttle on $name', (backend) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ redisUrl: backend.redisUrl });
  });
  afterAll(() => world.close());

  test('of many attempts at the same time exactly the allowed number passes', async () => {
    const { throttle } = world.runtime;
    const parts = [randomUUID(), 'ada@example.com'];
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => throttle.consume('sign_in', parts)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    const error = await expectRefused('rate_limited', throttle.consume('sign_in', parts));
    expect(error.message).toBe('Too many attempts. Try again in 15 minutes.');
    expect(error instanceof RateLimitError && error.retryAfterMs).toBeGreaterThan(14 * 60_000);
  });

  test('counters of other parts and other limits are apart, and reset forgets one of them', async () => {
    const { throttle } = world.runtime;
    const ip = randomUUID();
    const spend = async () => {
      for (let count = 0; count < 10; count += 1) await throttle.consume('sign_in', [ip, 'a']);
    };
    await spend();
    await expectRefused('rate_limited', throttle.consume('sign_in', [ip, 'a']));
    await throttle.consume('sign_in', [ip, 'b']);
    await throttle.consume('sign_in', [`${ip}a`, '']);
    await throttle.consume('sign_in_address', [ip, 'a']);
    await throttle.reset('sign_in', [ip, 'a']);
    await spend();
  });
});

test('counters that have run out are removed, others stay', async () => {
  const world = await openWorld();
  const { runtime } = world;
  await runtime.throttle.consume('sign_in', ['x']);
  expect(await pruneCounters({ runtime })).toEqual({ removed: 0, challenges: 0 });
  world.advanceClock(16 * 60_000);
  expect(await pruneCounters({ runtime })).toEqual({ removed: 1, challenges: 0 });
  await world.close();
});

test('when the counters cannot be reached nothing passes', async () => {
  const log = pino({ level: 'silent' });
  const throttle = openPostgresThrottle({ url: 'postgresql://nobody@127.0.0.1:1/none', log });
  await expectRefused('unavailable', throttle.consume('sign_in', ['x']));
  await throttle.close();
});
