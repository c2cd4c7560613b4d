import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { makeTenant, getTestRedisUrl } from '@gatehouse/db/testing';

import { mutate } from '../../src/audit/mutate.ts';
import { createContext } from '../../src/context.ts';
import type { Signal } from '../../src/signals/signals.ts';
import { openWorld, type World } from '../support/world.ts';

const redisUrl = getTestRedisUrl();
const soon = { timeout: 20_000, interval: 10 };
const backends = [
  { name: 'Postgres', redisUrl: undefined },
  { name: 'Redis', redisUrl: redisUrl ?? undefined },
].filter((backend) => backend.name === 'Postgres' || backend.redisUrl);

describe.each(backends)('signals over $name', (backend) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ redisUrl: backend.redisUrl });
  });
  afterAll(() => world.close());

  async function send(tenantId: string, ids: string[], fail = false) {
    const ctx = createContext(world.runtime, { id: tenantId, slug: 'x' }, { kind: 'system', job: 'test' });
    await mutate(
      ctx,
      async (m) => {
        for (const id of ids) m.signal('agent', id);
        if (fail) throw new Error('rolled back');
      },
      { audited: false },
    );
  }

  /** Sends to `tenantId` until a listener is known to be connected. */
  async function listen(filter: { tenantId?: string }, tenantId: string) {
    const heard: Signal[] = [];
    const stop = world.runtime.signals.subscribe(filter, (signal) => heard.push(signal));
    await vi.waitUntil(async () => {
      await send(tenantId, ['ready']);
      return heard.length > 0;
    }, soon);
    const others = () => heard.filter(({ id }) => id !== 'ready');
    return { others, stop };
  }

  test('a listener of one tenant hears its mutations only, in their order, when they commit', async () => {
    const [mine, other] = [await makeTenant(world.runtime.db), await makeTenant(world.runtime.db)];
    const { others, stop } = await listen({ tenantId: mine.id }, mine.id);
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    await send(other.id, [randomUUID()]);
    await expect(send(mine.id, [randomUUID()], true)).rejects.toThrow('rolled back');
    await send(mine.id, [a, b]);
    await send(mine.id, [c]);
    await vi.waitUntil(() => others().length >= 3, soon);
    expect(others()).toEqual([a, b, c].map((id) => ({ tenantId: mine.id, kind: 'agent', id })));
    stop();
  });

  test('a listener of all tenants hears each signal once', async () => {
    const [one, two] = [await makeTenant(world.runtime.db), await makeTenant(world.runtime.db)];
    const also = await listen({ tenantId: one.id }, one.id);
    const all = await listen({}, one.id);
    const [a, b] = [randomUUID(), randomUUID()];
    await send(one.id, [a]);
    await send(two.id, [b]);
    const heard = () => all.others().filter(({ id }) => id === a || id === b);
    await vi.waitUntil(() => heard().length >= 2, soon);
    expect(heard().map(({ tenantId, id }) => [tenantId, id])).toEqual([
      [one.id, a],
      [two.id, b],
    ]);
    expect(also.others()).toEqual([{ tenantId: one.id, kind: 'agent', id: a }]);
    also.stop();
    all.stop();
  });
});

describe('the LISTEN connection', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  test('comes back after it was cut, and is gone after close', async () => {
    const { runtime, database } = world;
    const tenant = await makeTenant(runtime.db);
    const heard: string[] = [];
    runtime.signals.subscribe({ tenantId: tenant.id }, ({ id }) => heard.push(id));
    const owner = await database.connectOwner();
    const listening = async () => {
      const { rows } = await owner.query<{ pid: number }>(
        `select pid from pg_stat_activity where application_name = 'gatehouse-signals' and datname = current_database()`,
      );
      return rows.map(({ pid }) => pid);
    };
    await vi.waitUntil(async () => (await listening()).length > 0, soon);
    const [first] = await listening();
    await owner.query('select pg_terminate_backend($1)', [first]);
    await vi.waitUntil(async () => (await listening()).some((pid) => pid !== first), soon);
    await vi.waitUntil(async () => {
      const ctx = createContext(runtime, tenant, { kind: 'system', job: 'test' });
      await mutate(ctx, async (m) => m.signal('site', 'again'), { audited: false });
      return heard.includes('again');
    }, soon);
    await runtime.signals.close();
    await vi.waitUntil(async () => (await listening()).length === 0, soon);
  });
});
