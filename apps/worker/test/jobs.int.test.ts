import { randomUUID } from 'node:crypto';

import { UnrecoverableError } from 'bullmq';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeJoinToken, makeServer } from '@gatehouse/db/testing';
import { JOB_PAYLOADS, TenantJobName } from '@gatehouse/services/jobs/contracts';
import { openRuntime } from '@gatehouse/services/runtime';

import { runJob } from '../src/jobs.ts';
import { makeTenantWithSite, openDeps, readSnapshotVersion, type Deps } from './support.ts';

let world: Deps;
beforeAll(async () => {
  world = await openDeps();
});
afterAll(() => world.close());

test.each(TenantJobName.options)(
  'T-33: %s dies without a tenant, with a tenant that is not one, and with a foreign one',
  async (name) => {
    const { deps } = world;
    for (const data of [
      undefined,
      null,
      {},
      { tenantId: '' },
      { tenantId: '*' },
      { tenantId: randomUUID(), also: 1 },
      { tenantId: randomUUID() },
    ]) {
      await expect(runJob(deps, name, data)).rejects.toBeInstanceOf(UnrecoverableError);
    }
  },
);

test('T-33: a job in one tenant does not touch another', async () => {
  const [mine, other] = [await makeTenantWithSite(world), await makeTenantWithSite(world)];
  await runJob(world.deps, 'refresh-snapshots', { tenantId: mine.tenantId });
  expect([await readSnapshotVersion(world, mine), await readSnapshotVersion(world, other)]).toEqual([1, 0]);
});

test('a job that fails is on record for its tenant until it does its work', async () => {
  const { tenantId } = await makeTenantWithSite(world);
  const read = () =>
    runInTenant(world.database.db, tenantId, (tx) =>
      tx.jobFailure.findMany({ where: { tenantId }, select: { job: true, times: true, code: true } }),
    );
  const { store, log } = world;
  const withoutKey = await openRuntime({ ...store, hubPublicUrl: 'ws://127.0.0.1:3001', log });
  onTestFinished(() => withoutKey.close());
  const broken = { ...world.deps, runtime: withoutKey };
  for (const times of [1, 2]) {
    await expect(runJob(broken, 'refresh-snapshots', { tenantId })).rejects.toThrow();
    expect(await read()).toMatchObject([{ job: 'refresh-snapshots', times }]);
  }
  await runJob(world.deps, 'keep-keyset', { tenantId });
  expect(await read()).toHaveLength(1);
  await runJob(world.deps, 'refresh-snapshots', { tenantId });
  expect(await read()).toEqual([]);
});

test('jobs without a name of ours die, whatever they are called', async () => {
  for (const name of ['', 'unknown', 'constructor', '__proto__', 'toString']) {
    await expect(runJob(world.deps, name, {})).rejects.toBeInstanceOf(UnrecoverableError);
  }
});

test('every job has a payload that is checked', async () => {
  for (const name of Object.keys(JOB_PAYLOADS)) {
    await expect(runJob(world.deps, name, { surprise: true })).rejects.toBeInstanceOf(UnrecoverableError);
  }
});

test('reviews that have lapsed are closed with an audit row, old tokens removed, others kept', async () => {
  const {
    deps,
    database: { db },
  } = world;
  const { tenantId } = await makeTenantWithSite(world);
  const { id: serverId } = await makeServer(db, tenantId);
  const day = 24 * 3_600_000;
  const from = (days: number) => new Date(Date.now() + days * day);
  const review = (number: number, validUntil: Date) =>
    runInTenant(db, tenantId, async (tx) => {
      const revision = await tx.serverRevision.create({
        data: { tenantId, serverId, number, protocolVersion: '2025-11-25', serverInfo: {}, contentHash: 'x' },
      });
      const decided = { state: 'decided' as const, decidedAt: from(-10), validUntil };
      return tx.review.create({ data: { tenantId, serverId, revisionId: revision.id, requestedBy: randomUUID(), ...decided } });
    });
  const [lapsed, valid] = [await review(1, from(-1)), await review(2, from(1))];
  await makeJoinToken(db, tenantId, { expiresAt: from(-31) });
  const recent = await makeJoinToken(db, tenantId, { expiresAt: from(-29) });

  expect(await runJob(deps, 'expire-records', { tenantId })).toMatchObject({ reviews: 1, tokens: 1 });
  const after = await runInTenant(db, tenantId, async (tx) => ({
    states: Object.fromEntries((await tx.review.findMany({ where: { tenantId } })).map(({ id, state }) => [id, state])),
    tokens: (await tx.joinToken.findMany({ where: { tenantId } })).map(({ id }) => id),
    audit: await tx.adminAudit.findMany({ where: { tenantId, action: 'review.expire' } }),
  }));
  expect(after.states).toEqual({ [lapsed.id]: 'expired', [valid.id]: 'decided' });
  expect(after.tokens).toEqual([recent.id]);
  expect(after.audit).toMatchObject([{ actorKind: 'system', actorId: 'expire-records', entityId: lapsed.id }]);
  expect(await runJob(deps, 'expire-records', { tenantId })).toEqual({
    discoveries: 0,
    reviews: 0,
    tokens: 0,
    revisions: 0,
    snapshots: 0,
  });
});

test('more lapsed reviews than one transaction closes are all closed, each with a row of the admin log', async () => {
  const {
    deps,
    database: { db },
  } = world;
  const { tenantId } = await makeTenantWithSite(world);
  const { id: serverId } = await makeServer(db, tenantId);
  const numbers = Array.from({ length: 201 }, (_, index) => index + 1);
  await runInTenant(db, tenantId, async (tx) => {
    const common = { tenantId, serverId, protocolVersion: '2025-11-25', serverInfo: {}, contentHash: 'x' };
    const revisions = await tx.serverRevision.createManyAndReturn({ data: numbers.map((number) => ({ ...common, number })) });
    const lapsed = { state: 'decided' as const, decidedAt: new Date(0), validUntil: new Date(1), requestedBy: randomUUID() };
    await tx.review.createMany({ data: revisions.map(({ id }) => ({ tenantId, serverId, revisionId: id, ...lapsed })) });
  });
  expect(await runJob(deps, 'expire-records', { tenantId })).toMatchObject({ reviews: 201 });
  const rows = await runInTenant(db, tenantId, (tx) => tx.adminAudit.findMany({ where: { tenantId, action: 'review.expire' } }));
  expect(new Set(rows.map(({ entityId }) => entityId)).size).toBe(201);
});

test('the receipt partitions of the coming months are made by the worker, which owns them', async () => {
  await runJob(world.deps, 'ensure-partitions', { monthsAhead: 4 });
  expect(await runJob(world.deps, 'ensure-partitions', { monthsAhead: 4 })).toEqual({ made: [] });
  const owner = await world.database.connectOwner();
  const { rows } = await owner.query<{ count: number }>(
    `select count(*)::int as count from pg_inherits join pg_class on oid = inhrelid
     where inhparent = 'receipts.months'::regclass and relowner = 'gatehouse_worker'::regrole`,
  );
  expect(rows[0]?.count).toBeGreaterThanOrEqual(6);
});
