import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';

import { mutate, read } from '../src/audit/mutate.ts';
import { readAudit, makeWorkspace, openWorld, expectRefused } from './support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

test('T-76: a mutation without an audit row is rolled back', async () => {
  const { tenant, site, as } = await makeWorkspace(world.runtime);
  const ctx = await as('owner');
  const where = { tenantId: tenant.id, id: site.id };
  const rename = mutate(ctx, (m) => m.tx.site.updateMany({ where, data: { snapshotVersion: 7 } }));
  await expect(rename).rejects.toThrow(/without an audit row/);
  await expect(mutate(ctx, (m) => m.audit())).rejects.toThrow(/without an audit row/);
  expect(await read(ctx, (tx) => tx.site.findFirst({ where }))).toMatchObject({ snapshotVersion: 0n });
});

test('what a person changes cannot go unaudited', async () => {
  const ctx = await (await makeWorkspace(world.runtime)).as('owner');
  await expect(mutate(ctx, async () => undefined, { audited: false })).rejects.toThrow(/always audited/);
});

test('change and audit row are one transaction: when the change fails, the row is gone', async () => {
  const ctx = await (await makeWorkspace(world.runtime)).as('owner');
  const entityId = randomUUID();
  const work = mutate(ctx, async (m) => {
    await m.audit({ action: 'test.change', entityType: 'test', entityId });
    throw new Error('failed afterwards');
  });
  await expect(work).rejects.toThrow('failed afterwards');
  expect(await readAudit(ctx, entityId)).toEqual([]);
});

test('T-76: an audit row names actor and request and can be neither changed nor removed', async () => {
  const ctx = await (await makeWorkspace(world.runtime)).as('admin');
  const { tenantId, runtime } = ctx;
  const entityId = randomUUID();
  await mutate(ctx, (m) => m.audit({ action: 'test.change', entityType: 'test', entityId, before: { a: 1 }, after: { a: 2 } }));
  const [row] = await readAudit(ctx, entityId);
  const actorId = ctx.actor.kind === 'person' ? ctx.actor.membershipId : '';
  expect(row).toMatchObject({ actorKind: 'person', actorId, requestId: ctx.requestId, before: { a: 1 }, after: { a: 2 } });
  const where = { tenantId, entityId };
  await expect(runInTenant(runtime.db, tenantId, (tx) => tx.adminAudit.deleteMany({ where }))).rejects.toThrow(
    /permission denied/,
  );
  const forge = runInTenant(runtime.db, tenantId, (tx) => tx.adminAudit.updateMany({ where, data: { actorId: 'x' } }));
  await expect(forge).rejects.toThrow(/permission denied/);
});

test('the same made twice at the same moment is a conflict, not a failure', async () => {
  const { site, as } = await makeWorkspace(world.runtime);
  const ctx = await as('owner');
  const { tenantId } = ctx;
  const work = mutate(ctx, (m) => m.tx.site.create({ data: { tenantId, slug: site.slug, name: 'Twice' } }));
  await expectRefused('conflict', work);
});
