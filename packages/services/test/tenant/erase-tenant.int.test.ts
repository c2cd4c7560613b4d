import { afterAll, expect, test, vi } from 'vitest';

import { runInLookup, runInTenant } from '@gatehouse/db/tenant';
import { makeUser } from '@gatehouse/db/testing';

import { authenticateAgent } from '../../src/agent/authenticate-agent.ts';
import { enrolAgent } from '../../src/agent/enrol-agent.ts';
import { sweepTenants } from '../../src/jobs/sweep-tenants.ts';
import { createJoinToken } from '../../src/join-token/create-join-token.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import type { Runtime } from '../../src/runtime.ts';
import { eraseTenant } from '../../src/tenant/erase-tenant.ts';
import { putClientKey } from '../support/catalogue.ts';
import { type Domain, makeDomain, serveOneTool } from '../support/domain.ts';
import { enrolRequest, makeAgentKeys, makeAuthentication } from '../support/enrolment.ts';
import { Spool } from '../support/receipts.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld } from '../support/world.ts';

// whole workspaces are made
vi.setConfig({ testTimeout: 240_000 });

const world = await openWorld();
afterAll(() => world.close());

async function makeFullDomain() {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const {
    profile: { id: profileId },
  } = await serveOneTool(domain);
  const { admin, agentCtx, workspace } = domain;
  const membershipId = admin.actor.kind === 'person' ? admin.actor.membershipId : '';
  await putClientKey(admin, { profileId, membershipId });
  const spool = new Spool(workspace.site.id);
  await ingestReceipts({ ctx: agentCtx, input: { spoolId: spool.spoolId, receipts: spool.makeBatch(30) } });
  return domain;
}

/** How many rows of a tenant each table has that has a column for one; whatever tables there are. */
async function countRows(tenantId: string): Promise<Record<string, number>> {
  const client = await world.database.connectOwner();
  try {
    const { rows: tables } = await client.query<{ name: string }>(`
      select c.oid::regclass::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
      where c.relkind in ('r', 'p') and c.relnamespace in ('public'::regnamespace, 'receipts'::regnamespace) order by 1`);
    await client.query(`select set_config('app.tenant_id', $1, false)`, [tenantId]);
    const counts: Record<string, number> = {};
    for (const { name } of tables) {
      const { rows } = await client.query<{ count: number }>(`select count(*)::int as count from ${name} where tenant_id = $1`, [
        tenantId,
      ]);
      counts[name] = rows[0]?.count ?? 0;
    }
    return counts;
  } finally {
    await client.end();
  }
}

/** As if an owner had asked for the end thirty days ago; the database's own clock says so as well. */
const makeDue = ({ tenantId }: { tenantId: string }) =>
  runInTenant(getFixtureDb(world.runtime), tenantId, (tx) =>
    tx.tenant.update({
      where: { id: tenantId },
      data: { deletionAskedAt: new Date(Date.now() - 30 * 24 * 3_600_000), deleteAfter: new Date(Date.now() - 1_000) },
    }),
  );

/** A worker that says what it queues. */
function watchQueue(runtime: Runtime): { runtime: Runtime; queued: string[] } {
  const queued: string[] = [];
  const enqueueForTenant = async (name: string, tenantId: string) => {
    await Promise.resolve();
    queued.push(`${name} ${tenantId}`);
  };
  return { runtime: { ...runtime, queues: { ...runtime.queues, enqueueForTenant } }, queued };
}

test('a workspace that is due loses every row in every table, another one none; agents hear of it first; nothing happens before its time', async () => {
  const [ending, staying] = [await makeFullDomain(), await makeFullDomain()];
  const { tenantId } = ending.admin;
  const erase = ({ workspace }: Domain) => eraseTenant({ ctx: workspace.asSystem('erase-tenant') });
  const [before, beside] = [await countRows(tenantId), await countRows(staying.admin.tenantId)];
  expect(before).toMatchObject({ receipt: 30, agent: 1, client_key: 1, profile: 1, server: 1 });
  expect(await erase(ending)).toMatchObject({ erased: false, agentsEnded: 0 });
  expect(await countRows(tenantId)).toEqual(before);

  await makeDue(ending.admin);
  expect(await erase(ending)).toMatchObject({ erased: false, agentsEnded: 1 });
  const entries = await runInTenant(getFixtureDb(world.runtime), tenantId, (tx) =>
    tx.revocation.findMany({ where: { tenantId, subjectKind: 'agent' } }),
  );
  expect(entries).toMatchObject([{ act: 'end', subjectId: ending.agent.id }]);
  // those that are connected have some minutes to hear of it
  expect(await erase(ending)).toMatchObject({ erased: false, agentsEnded: 0 });
  world.advanceClock(11 * 60_000);
  expect(await erase(ending)).toMatchObject({ erased: true, receipts: 30 });
  expect(Object.entries(await countRows(tenantId)).filter(([, count]) => count > 0)).toEqual([]);
  expect(await world.runtime.db.prisma.tenant.count({ where: { id: tenantId } })).toBe(0);
  expect(await countRows(staying.admin.tenantId)).toEqual(beside);
  expect(await erase(staying)).toMatchObject({ erased: false, agentsEnded: 0 });
  world.advanceClock(-11 * 60_000);
});

test('accounts that belonged to nothing else go with their workspace, and all others stay', async () => {
  const [ending, staying] = [await makeWorkspace(world.runtime), await makeWorkspace(world.runtime)];
  const { admin } = { admin: await ending.as('admin') };
  const only = admin.actor.kind === 'person' ? admin.actor.userId : '';
  const both = await makeUser(world.runtime.db);
  for (const { tenant } of [ending, staying])
    await runInTenant(getFixtureDb(world.runtime), tenant.id, (tx) =>
      tx.membership.create({ data: { tenantId: tenant.id, userId: both.id, email: 'both@example.com', role: 'member' } }),
    );
  await makeDue(admin);
  expect(await eraseTenant({ ctx: ending.asSystem('erase-tenant') })).toMatchObject({ erased: true, accounts: 1 });
  const exists = (userId: string) =>
    runInLookup(getFixtureDb(world.runtime), { userId }, (tx) => tx.user.count({ where: { id: userId } }));
  expect([await exists(only), await exists(both.id)]).toEqual([0, 1]);
});

test('an agent of a workspace that is gone is told that nobody knows it', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const admin = await workspace.as('admin');
  const { token } = await createJoinToken({ ctx: admin, input: { siteId: workspace.site.id, agentName: 'left' } });
  const keys = makeAgentKeys();
  const { runtime } = world;
  const { agentId } = await enrolAgent({ runtime, input: enrolRequest(token, keys) });
  await makeDue(admin);
  await eraseTenant({ ctx: workspace.asSystem('erase-tenant') });
  const connect = () => authenticateAgent({ runtime, input: makeAuthentication(keys, agentId, 1) });
  expect((await expectRefused('not_permitted', connect())).reason).toBe('revoked');
  world.advanceClock(11 * 60_000);
  expect(await eraseTenant({ ctx: workspace.asSystem('erase-tenant') })).toMatchObject({ erased: true });
  expect((await expectRefused('not_permitted', connect())).reason).toBe('unauthenticated');
});

test('what is due gets the job that ends it and no other, and what is not due gets every other', async () => {
  const [ending, staying] = [await makeWorkspace(world.runtime), await makeWorkspace(world.runtime)];
  await makeDue(await ending.as('owner'));
  const { runtime, queued } = watchQueue(world.runtime);
  await sweepTenants({ runtime, input: { job: 'erase-tenant' } });
  await sweepTenants({ runtime, input: { job: 'renew-leases' } });
  expect(queued).toContain(`erase-tenant ${ending.tenant.id}`);
  expect(queued).not.toContain(`erase-tenant ${staying.tenant.id}`);
  expect(queued).toContain(`renew-leases ${staying.tenant.id}`);
  expect(queued).not.toContain(`renew-leases ${ending.tenant.id}`);
});
